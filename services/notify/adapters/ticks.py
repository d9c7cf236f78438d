"""时钟 — business time as ``clock.ticked`` tells it, read from one partition of the account topic.

Ticks go into every partition, so one is enough; no group, since every worker needs every tick.
Driven time leaps hours between two ticks, which real work must not notice. News of a moment may
arrive by its own topic before the tick of that moment is read here, and told by the older time it
would at once look hours late: whoever takes news waits for ``abreast`` first. And what is on its
way to a gateway would look hours late if time leapt meanwhile: it leaps in ``between`` only.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from shared.clock import DrivenClock
from shared.contracts.topics import ACCOUNT
from shared.contracts.trading import ClockTicked
from shared.observability.logging import logger
from shared.settings import KafkaSettings

TICK = b'"clock.ticked"'
LOOK_BACK = 500  # records; doubled until a tick is among them

log = logger()


class Ticks:
    """Moves a clock; ``ring`` wakes what waits for a time.

    ``between``: entered to move it; nothing is on its way to a gateway there.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        clock: DrivenClock,
        ring: Callable[[], None],
        between: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self._clock = clock
        self._ring = ring
        self._between = between
        self._caught_up = asyncio.Event()
        self._taken = 0
        self._partition = TopicPartition(ACCOUNT.name, 0)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=kafka.brokers,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="latest",
        )

    async def start(self) -> None:
        """Set the clock to the newest tick in the topic, if there is any."""
        await self._consumer.start()
        self._consumer.assign([self._partition])
        begin = (await self._consumer.beginning_offsets([self._partition]))[self._partition]
        end = (await self._consumer.end_offsets([self._partition]))[self._partition]
        back, found = LOOK_BACK, False
        while not found:
            start = max(begin, end - back)
            self._consumer.seek(self._partition, start)
            found = await self._read_to(end) or start == begin
            back *= 2
        self._taken = end

    async def stop(self) -> None:
        """Close the consumer."""
        await self._consumer.stop()

    async def read(self) -> bool:
        """Take the ticks that have arrived; say whether anything has."""
        arrived = await self._consumer.getmany(timeout_ms=200)
        for records in arrived.values():
            if at := _newest(records):
                async with self._between():
                    self._move(at)
        self._taken = await self._consumer.position(self._partition)
        self._caught_up.set()
        return bool(arrived)

    async def abreast(self) -> None:
        """Wait until ``read``, called beside, has taken every tick that the topic holds now."""
        end = (await self._consumer.end_offsets([self._partition]))[self._partition]
        while self._taken < end:
            self._caught_up.clear()
            await self._caught_up.wait()

    async def _read_to(self, end: int) -> bool:
        found = False
        while await self._consumer.position(self._partition) < end:
            arrived = await self._consumer.getmany(timeout_ms=200)
            for records in arrived.values():
                if at := _newest(records):
                    self._move(at)
                    found = True
        return found

    def _move(self, to: datetime) -> None:
        self._clock.advance(to)
        self._ring()


def _newest(records: Sequence[Any]) -> datetime | None:
    """Return the time of the newest tick among the records, if there is one."""
    for record in reversed(records):
        if TICK in (record.value or b""):
            try:
                return ClockTicked.model_validate_json(record.value).data.at
            except ValidationError:
                log.warning("a tick cannot be read", offset=record.offset)
    return None
