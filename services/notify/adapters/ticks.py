"""时钟 — business time as ``clock.ticked`` tells it, read from one partition of the account topic.

Ticks go into every partition, so one is enough; no group, since every worker needs every tick.
News of a moment may arrive by its own topic before the tick of that moment is read here: told by
the older time it would at once look hours late. Whoever takes news waits for ``abreast`` first.
"""

import asyncio
from collections.abc import Callable
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
    """Moves a clock; ``ring`` wakes what waits for a time."""

    def __init__(self, kafka: KafkaSettings, clock: DrivenClock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._moved = asyncio.Event()
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

    async def stop(self) -> None:
        """Close the consumer."""
        await self._consumer.stop()

    async def read(self) -> bool:
        """Take the ticks that have arrived; say whether anything has."""
        arrived = await self._consumer.getmany(timeout_ms=200)
        for records in arrived.values():
            self._take(records)
        self._moved.set()
        return bool(arrived)

    async def abreast(self) -> None:
        """Wait until ``read``, called beside, has taken every tick that the topic holds now."""
        end = (await self._consumer.end_offsets([self._partition]))[self._partition]
        while await self._consumer.position(self._partition) < end:
            self._moved.clear()
            await self._moved.wait()

    async def _read_to(self, end: int) -> bool:
        found = False
        while await self._consumer.position(self._partition) < end:
            arrived = await self._consumer.getmany(timeout_ms=200)
            for records in arrived.values():
                found |= self._take(records)
        return found

    def _take(self, records: list[Any]) -> bool:
        """Move the clock to the newest tick among the records; say whether there was one."""
        for record in reversed(records):
            if TICK in (record.value or b""):
                try:
                    tick = ClockTicked.model_validate_json(record.value)
                except ValidationError:
                    log.warning("a tick cannot be read", offset=record.offset)
                    continue
                self._clock.advance(tick.data.at)
                self._ring()
                return True
        return False
