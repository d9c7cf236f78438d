"""发布 — records to Kafka, one batch of a partition at a time.

Kafka takes a record batch whole or not at all. Awaiting each before the next of its partition is
what keeps the log in order when one fails: nothing behind a gap can have been written, so sending
the same records again from the gap on repeats sequences and never skips one.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaProducer

from shared.contracts.topics import ACCOUNT, CUSTOMER, PARTITIONS, STAFF
from shared.settings import KafkaSettings
from shared.streams.publish import Record, producer

STOP_SECONDS = 5
OWN_TOPICS = tuple(
    t.name for owned in (ACCOUNT, CUSTOMER, STAFF) for t in (owned, owned.dead_letters)
)


class WrongTopics(RuntimeError):
    """A topic is missing or has another partition count: keyed order would break."""


class Publisher:
    """Sends records and waits until all replicas have them."""

    def __init__(self, to: AIOKafkaProducer) -> None:
        self._to = to

    async def publish(self, records: Sequence[Record]) -> None:
        """Send each partition's records in their order; return when all are acknowledged."""
        partitions: dict[tuple[str, int], list[Record]] = defaultdict(list)
        for record in records:
            if record.partition is None:
                raise ValueError(f"a record for {record.topic} has no partition")
            partitions[record.topic, record.partition].append(record)
        async with asyncio.TaskGroup() as group:
            for (topic, partition), queue in partitions.items():
                group.create_task(self._in_order(topic, partition, queue))

    async def _in_order(self, topic: str, partition: int, queue: Sequence[Record]) -> None:
        batch = self._to.create_batch()
        for record in queue:
            if not self._append(batch, record):
                await self._send(batch, topic, partition)
                batch = self._to.create_batch()
                self._append(batch, record)
        await self._send(batch, topic, partition)

    @staticmethod
    def _append(batch: object, record: Record) -> bool:
        added: object = batch.append(  # type: ignore[attr-defined] # aiokafka is untyped
            timestamp=None, key=record.key, value=record.value, headers=list(record.headers)
        )
        return added is not None

    async def _send(self, batch: object, topic: str, partition: int) -> None:
        batch.close()  # type: ignore[attr-defined] # a closed batch does not linger
        await (await self._to.send_batch(batch, topic, partition=partition))


@contextlib.asynccontextmanager
async def publishing(kafka: KafkaSettings) -> AsyncIterator[Publisher]:
    """Start an idempotent producer; at the end do not wait long for an absent Kafka."""
    started = producer(kafka)
    try:
        await started.start()
        await _check(started)
        yield Publisher(started)
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(started.stop(), STOP_SECONDS)


async def _check(started: AIOKafkaProducer) -> None:
    for topic in OWN_TOPICS:
        found = len(await started.partitions_for(topic))
        if found != PARTITIONS:
            raise WrongTopics(f"{topic} has {found} partitions, not {PARTITIONS}")
