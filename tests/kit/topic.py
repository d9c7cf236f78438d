"""Write to and read whole topics of the real Kafka."""

from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.event import Event
from shared.contracts.topics import PARTITIONS
from shared.settings import KafkaSettings
from shared.streams.publish import Record, producer, publish


async def send(brokers: str, records: Iterable[Record]) -> None:
    """Publish and wait for the acknowledgements."""
    sender = producer(KafkaSettings(brokers=brokers))
    await sender.start()
    try:
        await publish(sender, list(records))
    finally:
        await sender.stop()


def record(topic: str, event: Event) -> Record:
    """Return the record of an event under its own key."""
    return Record(topic, event.subject.encode(), event.encode())


async def ends_of(brokers: str, topic: str) -> list[int]:
    """Return where each partition of a topic ends now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, p) for p in range(PARTITIONS)]
        found = await consumer.end_offsets(partitions)
        return [found[tp] for tp in partitions]
    finally:
        await consumer.stop()


async def read_all(brokers: str, topic: str, since: Sequence[int] = ()) -> list[Any]:
    """Return every record now in a topic, in partition and offset order.

    ``since``: where each partition is read from.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, p) for p in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        for tp in partitions:
            consumer.seek(tp, since[tp.partition] if since else 0)
        found: list[Any] = []
        while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
        return sorted(found, key=lambda r: (r.partition, r.offset))
    finally:
        await consumer.stop()
