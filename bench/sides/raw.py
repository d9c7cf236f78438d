"""裸循环: aiokafka's ``getmany``, msgspec, a dict: the limit of Python on one core.

Nothing is kept and no alert is sent; they are counted in memory.
"""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.task import Claim, Stopwatch, Task, side
from bench.works import WORKS


async def _drain(task: Task) -> Claim:
    work, watch = WORKS[task.work], Stopwatch(task)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=task.brokers,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
        fetch_max_bytes=50 * 1024 * 1024,
    )
    await consumer.start()
    lanes = [TopicPartition(task.topic, p) for p in range(task.partitions)]
    consumer.assign(lanes)
    await consumer.seek_to_beginning(*lanes)
    states: dict[int, dict[str, Any]] = {p: {} for p in range(task.partitions)}
    positions = dict.fromkeys(states, 0)
    told: list[bytes] = []
    parse, step = work.parse, work.step
    while not watch.over:
        for lane, records in (await consumer.getmany(timeout_ms=1000, max_records=4000)).items():
            watch.start()
            mine = states[lane.partition]
            for record in records:
                key, event = parse(record.key, record.value)
                if key is None:
                    told += work.broadcast(mine, event)
                    continue
                mine[key], alerts = step(mine.get(key), event)
                if alerts:
                    told += alerts
            positions[lane.partition] = records[-1].offset + 1
            watch.add(len(records))
    await consumer.stop()
    return Claim(
        records=watch.records,
        seconds=watch.seconds,
        positions=positions,
        totals=_totals(states) if task.work == "w1" else {},
        alerts=[work.identity(alert) for alert in told],
    )


def _totals(states: dict[int, dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {key: state for mine in states.values() for key, state in mine.items()}


def drain(task: Task) -> Claim:
    return asyncio.run(_drain(task))


if __name__ == "__main__":
    side(drain)
