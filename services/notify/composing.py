"""成文 — a notification becomes a channel's body; for the operators' networks without 敏感词."""

from functools import cache
from importlib.resources import files

from services.notify.domain.channel import Channel, Notification
from services.notify.domain.words import SCREENED, Words, in_plain_words, read
from shared.observability.logging import logger
from shared.observability.metrics import DECISIONS

REWORDED = "sensitive-word"

log = logger()


@cache
def shipped() -> Words:
    """Return the product's list."""
    return read(files("services.notify").joinpath("sensitive_words.txt").read_text("utf-8"))


def composed(name: str, channel: Channel, said: Notification) -> str:
    """Return the body; what an operator would stop is reworded, counted and logged by its code."""
    if name in SCREENED:
        said, reworded = in_plain_words(said, shipped())
        if reworded:
            DECISIONS.labels("reword", REWORDED).inc()
            log.warning("a message was reworded", reason=REWORDED, code=said.code, channel=name)
    return channel.body(said)
