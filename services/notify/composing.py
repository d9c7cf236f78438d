"""成文 — a notification becomes a channel's body; for the operators' networks without 敏感词."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from services.notify.domain.channel import Channel, Notification
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.tencent_sms import TencentSms
from services.notify.domain.lengths import parts
from services.notify.domain.sms import Sms, variables
from services.notify.domain.words import SCREENED, Words, in_plain_words, read
from shared.observability.logging import logger
from shared.observability.metrics import DECISIONS, SMS_PARTS

REWORDED = "sensitive-word"

log = logger()


@cache
def shipped() -> Words:
    """Return the product's list."""
    return read(files("services.notify").joinpath("sensitive_words.txt").read_text("utf-8"))


class Composed(NamedTuple):
    """A body, and for an SMS how many it is charged as."""

    body: str
    sms_parts: int | None = None


def composed(name: str, channel: Channel, said: Notification, sms: Sms) -> Composed:
    """Return the body; what an operator would stop is reworded, counted and logged by its code."""
    if name in SCREENED:
        said, reworded = in_plain_words(said, shipped())
        if reworded:
            DECISIONS.labels("reword", REWORDED).inc()
            log.warning("a message was reworded", reason=REWORDED, code=said.code, channel=name)
    if not isinstance(channel, AliyunSms | TencentSms):
        return Composed(channel.body(said))
    said = sms.within(said, channel.sign_name)
    cost = parts(sms.text(channel.sign_name, variables(said)))
    SMS_PARTS.labels(name).inc(cost)
    return Composed(channel.body(said), cost)
