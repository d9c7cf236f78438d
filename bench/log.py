"""The preloaded log: the same records for every side, written before anybody is timed."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.protocol.admin import DeleteGroupsRequest

from bench.workloads.work import Entry
from shared.streams.publish import partition_of

BATCH_BYTES = 256 * 1024
IN_FLIGHT = 8
GONE_S = 15.0
FORGOTTEN = {0, 69}
"""Deleted; or there is no such group."""

Lane = list[tuple[bytes | None, bytes]]
"""A partition's records in order: key and value."""

_partition = lru_cache(1 << 17)(partition_of)


def lanes(entries: Iterable[Entry], partitions: int) -> list[Lane]:
    """Deal records out as a producer would."""
    dealt: list[Lane] = [[] for _ in range(partitions)]
    for entry in entries:
        dealt[lane_of(entry, partitions)].append((entry.key, entry.value))
    return dealt


def lane_of(entry: Entry, partitions: int) -> int:
    """Return where a producer would put a record."""
    if entry.partition is not None:
        return entry.partition
    return _partition(entry.key or b"", partitions)


async def create(brokers: str, *names: str, partitions: int) -> None:
    """Create topics of one replica."""
    async with _admin(brokers) as admin:
        await admin.create_topics([NewTopic(name, partitions, 1) for name in names])


async def delete(brokers: str, *names: str) -> None:
    """Drop topics that no later turn reads."""
    async with _admin(brokers) as admin:
        await admin.delete_topics(list(names))


async def forget_group(brokers: str, group: str) -> None:
    """Delete a group with its commits, once its members are gone: the next start is a first one."""
    deadline = monotonic() + GONE_S
    async with _admin(brokers) as admin:
        while True:
            answer = await admin._send_request(DeleteGroupsRequest([group]))
            code = answer.results[0][1]
            if code in FORGOTTEN:
                return
            if monotonic() > deadline:
                raise for_code(code)(group)
            await asyncio.sleep(0.2)


@asynccontextmanager
async def _admin(brokers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def preload(brokers: str, topic: str, dealt: Sequence[Lane], rounds: int = 1) -> None:
    """Write every lane, ``rounds`` times over, as whole batches made once."""
    sender = AIOKafkaProducer(bootstrap_servers=brokers, max_request_size=2 * BATCH_BYTES)
    await sender.start()
    try:
        made = [list(_batches(sender, lane)) for lane in dealt]
        for _ in range(rounds):
            for number, batches in enumerate(made):
                await _send(sender, topic, number, batches)
    finally:
        await sender.stop()


async def _send(sender: AIOKafkaProducer, topic: str, lane: int, batches: list[Any]) -> None:
    pending: list[Any] = []
    for batch in batches:
        pending.append(await sender.send_batch(batch, topic, partition=lane))
        if len(pending) >= IN_FLIGHT:
            await pending.pop(0)
    for sent in pending:
        await sent


def _batches(sender: AIOKafkaProducer, lane: Lane) -> Iterable[BatchBuilder]:
    batch = _empty()
    for key, value in lane:
        if batch.append(key=key, value=value, timestamp=None) is None:
            yield batch
            batch = _empty()
            batch.append(key=key, value=value, timestamp=None)
    batch.close()
    yield batch


def _empty() -> BatchBuilder:
    return BatchBuilder(BATCH_BYTES, 0)


async def values(brokers: str, topic: str, partitions: int, since: dict[int, int]) -> list[bytes]:
    """Return the values of a topic from ``since`` (absent: the beginning) to its end now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers)
    await consumer.start()
    try:
        tps = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(tps)
        ends = await consumer.end_offsets(tps)
        for tp in tps:
            consumer.seek(tp, since.get(tp.partition, 0))
        found: list[bytes] = []
        while any([await consumer.position(tp) < ends[tp] for tp in tps]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [record.value for record in records]
        return found
    finally:
        await consumer.stop()


async def ends(brokers: str, topic: str, partitions: int) -> dict[int, int]:
    """Return the next offset of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers)
    await consumer.start()
    try:
        tps = [TopicPartition(topic, number) for number in range(partitions)]
        return {tp.partition: end for tp, end in (await consumer.end_offsets(tps)).items()}
    finally:
        await consumer.stop()
