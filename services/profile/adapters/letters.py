"""死信 — a record that could not be taken, as it came, with its place and the reason."""

from collections.abc import Awaitable, Callable, Sequence

from services.profile.adapters.shelf import Arrived
from shared.observability.logging import logger
from shared.streams.deadletters import letter
from shared.streams.publish import Record

REASON = 300  # characters
Publish = Callable[[Sequence[Record]], Awaitable[None]]


async def bury(publish: Publish, record: Arrived, reason: str) -> None:
    """Return when the letter is in Kafka. Buried again after a crash, it has the same name."""
    origin = {
        "origin-topic": record.topic,
        "origin-partition": str(record.partition),
        "origin-offset": str(record.offset),
        "reason": reason[:REASON],
    }
    await publish([letter(record.topic, record.key, record.value or b"", origin)])
    logger().warning("a record went to the dead letters", **origin)
