"""Records of one partition go out as whole batches, in order, and every one is waited for."""

import asyncio
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import OutOfOrderSequenceNumber
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from shared.streams.publish import Record, publish_together

BATCH = 400  # bytes: room for a few records


class Producer:
    """Takes batches as aiokafka's producer does; ``acknowledge`` says what becomes of each."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int, list[Any]]] = []
        self.acknowledged: list[asyncio.Future[None]] = []

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(BATCH, 0)

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
        raw = MemoryRecords(bytes(batch._builder.build()))
        self.sent.append((topic, partition, list(raw.next_batch())))
        self.acknowledged.append(asyncio.get_running_loop().create_future())
        return self.acknowledged[-1]


def records(count: int) -> list[Record]:
    return [Record("t", b"k", f"value {n:04d}".encode(), 3) for n in range(count)]


async def sending(producer: Producer, told: list[Record]) -> asyncio.Task[None]:
    task = asyncio.create_task(publish_together(cast(AIOKafkaProducer, producer), told))
    await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("count", [1, 40])
async def test_they_keep_their_order_over_as_many_batches_as_they_need(count: int) -> None:
    producer = Producer()
    task = await sending(producer, records(count))
    found = [record.value for _, _, batch in producer.sent for record in batch]
    assert found == [record.value for record in records(count)]
    assert {(topic, partition) for topic, partition, _ in producer.sent} == {("t", 3)}
    assert (len(producer.sent) == 1) == (count == 1)
    for future in producer.acknowledged[:-1]:
        future.set_result(None)
    await asyncio.sleep(0)
    assert not task.done()  # the last batch is not there yet
    producer.acknowledged[-1].set_result(None)
    await task


async def test_a_record_larger_than_a_batch_goes_alone() -> None:
    producer = Producer()
    large = Record("t", b"k", b"x" * (2 * BATCH), 3)
    task = await sending(producer, [*records(1), large, *records(1)])
    assert [len(batch) for _, _, batch in producer.sent] == [1, 1, 1]
    task.cancel()


async def test_a_batch_that_is_refused_is_an_error() -> None:
    producer = Producer()
    task = await sending(producer, records(1))
    producer.acknowledged[0].set_exception(OutOfOrderSequenceNumber())
    with pytest.raises(OutOfOrderSequenceNumber):
        await task


async def test_nothing_is_nothing() -> None:
    producer = Producer()
    await (await sending(producer, []))
    assert producer.sent == []
