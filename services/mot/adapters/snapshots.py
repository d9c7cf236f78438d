"""``mot.state.v1``: each day's changed states and the rules' changes, before the checkpoint."""

import asyncio
from collections.abc import Sequence
from itertools import islice

from aiokafka import AIOKafkaProducer

from services.mot.memories import day_remembered, remembered, rules_applied
from services.mot.partition import Closing
from shared.clock import Clock, WallClock
from shared.contracts.event import Event
from shared.contracts.topics import STATE
from shared.settings import KafkaSettings
from shared.streams.publish import Record, producer, publish_together

AT_ONCE = 2_000  # states made and sent before others have their turn: a day has as many as accounts


class StateTopic:
    """Publishes through one idempotent producer, which lives from ``start`` to ``stop``.

    What is kept before ``start``, in an assignment that came first, starts it.
    """

    def __init__(self, kafka: KafkaSettings, clock: Clock | None = None) -> None:
        self._kafka, self._clock = kafka, clock or WallClock()
        self._starting = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> AIOKafkaProducer:
        """Connect, once; the producer belongs to the running loop."""
        async with self._starting:
            if self._producer is None:
                made = producer(self._kafka)
                await made.start()
                self._producer = made
        return self._producer

    async def stop(self) -> None:
        """Flush and disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def closed(self, days: Sequence[Closing]) -> None:
        """Send each day's states, and when they are all there, that the day is in."""
        for day in days:
            states = remembered(day)
            while some := list(islice(states, AT_ONCE)):
                await self._send(some, day.partition)
            await self._send([day_remembered(day)], day.partition)

    async def applied(self, stamp: str, partition: int, after: int) -> None:
        """Send from where on these rules watch a partition."""
        await self._send([rules_applied(stamp, partition, after, self._clock.now())], partition)

    async def _send(self, events: Sequence[Event], partition: int) -> None:
        records = [Record(STATE.name, e.subject.encode(), e.encode(), partition) for e in events]
        await publish_together(await self.start(), records)
