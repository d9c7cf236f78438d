"""待发 — a service's own events: written in their cause's transaction, then relayed to Kafka.

The table ``outbox`` is the service's, in its own schema; so is ``lock``, the same for its workers.

One worker relays at a time. Killed between Kafka's acknowledgement and the deletion, the next one
sends the same events again, with the same ids.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import BigInteger, Text, column, delete, func, insert, select, table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.contracts.event import Event
from shared.observability.logging import logger
from shared.observability.metrics import EVENTS_PUBLISHED
from shared.settings import KafkaSettings
from shared.streams.publish import Record, producer, publish

AT_ONCE = 500
STOP_SECONDS = 2.0

log = logger()
outbox = table(
    "outbox",
    column("number", BigInteger),
    column("topic", Text),
    column("key", Text),
    column("event", Text),
)


async def put(connection: AsyncConnection, topic: str, *events: Event) -> None:
    """Write events into the outbox, in their order; each one's key is its subject."""
    entries = [
        {"topic": topic, "key": event.subject, "event": event.encode().decode()} for event in events
    ]
    if entries:
        await connection.execute(insert(outbox), entries)


@dataclass
class Relay:
    """Publishes what the outbox holds. Kafka's absence delays events and nothing else."""

    engine: AsyncEngine
    kafka: KafkaSettings
    lock: int
    _producer: AIOKafkaProducer | None = field(default=None, init=False)

    async def step(self) -> bool:
        """Publish some events, in their order; say whether there may be more."""
        try:
            return await self._round()
        except KafkaError as error:
            log.warning("events wait for Kafka", reason=type(error).__name__)
            await self.stop()  # after an indefinite error only a new producer can go on
            return False

    async def stop(self) -> None:
        """Disconnect."""
        gone, self._producer = self._producer, None
        if gone is not None:
            with contextlib.suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await gone.stop()

    async def _round(self) -> bool:
        async with self.engine.begin() as connection:
            if not await connection.scalar(select(func.pg_try_advisory_xact_lock(self.lock))):
                return False
            query = select(outbox).order_by(outbox.c.number).limit(AT_ONCE)
            waiting = (await connection.execute(query)).all()
            if not waiting:
                return False
            await publish(await self._connected(), [_record(row) for row in waiting])
            sent = outbox.c.number.in_([row.number for row in waiting])
            await connection.execute(delete(outbox).where(sent))
        for row in waiting:
            EVENTS_PUBLISHED.labels(row.topic).inc()
        return len(waiting) == AT_ONCE

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            made = producer(self.kafka)
            try:
                await made.start()
            except KafkaError:
                await made.stop()
                raise
            self._producer = made
        return self._producer


def _record(row: Any) -> Record:
    return Record(row.topic, row.key.encode(), row.event.encode())
