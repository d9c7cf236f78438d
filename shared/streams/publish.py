"""Events to bytes to Kafka: idempotent, acknowledged by all replicas."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.contracts.event import CONTENT_TYPE
from shared.settings import KafkaSettings

EVENT_HEADERS = (("content-type", CONTENT_TYPE.encode()),)
_MURMUR, _WORD = 0x5BD1E995, 0xFFFFFFFF
Headers = tuple[tuple[str, bytes], ...]


class Record(NamedTuple):
    """One record to send; ``partition`` None means: by key."""

    topic: str
    key: bytes | None
    value: bytes
    partition: int | None = None
    headers: Headers = EVENT_HEADERS


def producer(kafka: KafkaSettings) -> AIOKafkaProducer:
    """Return a producer, not yet started. Recreate it after an indefinite error: restart."""
    return AIOKafkaProducer(
        bootstrap_servers=kafka.brokers,
        enable_idempotence=True,
        acks="all",
        linger_ms=2,
        max_batch_size=256 * 1024,
        max_request_size=4 * 1024 * 1024,
        request_timeout_ms=15_000,
    )


class Sender:
    """One idempotent producer of the running loop, from its first use to ``stop``.

    Any error of it must end the process: after an indefinite one, as a sequence out of order, only
    a new producer can go on.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._starting = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None

    async def __call__(self, records: Sequence[Record]) -> None:
        """Send records of one topic and partition, and return when all are there."""
        if records:
            await publish_together(self._producer or await self._started(), records)

    async def stop(self) -> None:
        """Flush and disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                made = producer(self._kafka)
                await made.start()
                self._producer = made
        return self._producer


async def publish(to: AIOKafkaProducer, records: Sequence[Record]) -> None:
    """Send in order and return when every record is acknowledged."""
    pending = [
        await to.send(r.topic, r.value, r.key, r.partition, headers=list(r.headers))
        for r in records
    ]
    await asyncio.gather(*pending)


async def publish_together(to: AIOKafkaProducer, records: Sequence[Record]) -> None:
    """Send records of one topic and partition as whole batches, and return when all are there.

    One future a batch: a future, a partitioner and an await a record cost more than the record.
    """
    pending = []
    batch = None
    for record in records:
        fields = {"key": record.key, "value": record.value, "headers": list(record.headers)}
        if batch is None or batch.append(timestamp=None, **fields) is None:
            if batch is not None:
                pending.append(await _send(to, batch, record))
            batch = to.create_batch()
            batch.append(timestamp=None, **fields)
    if batch is not None:
        pending.append(await _send(to, batch, records[-1]))
    await asyncio.gather(*pending)


async def _send(to: AIOKafkaProducer, batch: BatchBuilder, like: Record) -> Awaitable[object]:
    sent: Awaitable[object] = await to.send_batch(batch, like.topic, partition=like.partition)
    return sent


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition Kafka's default partitioner gives a key: murmur2, all clients alike.

    aiokafka's own goes byte by byte and takes twice as long.
    """
    left, rest = len(key), int.from_bytes(key, "little")
    mixed = 0x9747B28C ^ left
    while left >= 4:  # noqa: PLR2004 bytes of a word
        word = (rest & _WORD) * _MURMUR & _WORD
        mixed = (mixed * _MURMUR ^ (word ^ word >> 24) * _MURMUR) & _WORD
        left, rest = left - 4, rest >> 32
    if left:
        mixed = (mixed ^ rest) * _MURMUR & _WORD
    mixed = (mixed ^ mixed >> 13) * _MURMUR & _WORD
    return ((mixed ^ mixed >> 15) & 0x7FFFFFFF) % partitions
