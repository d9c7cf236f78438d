"""From an event's due moment until its alert can be read from Kafka, at a part of what mot can do.

The whole mix flows in an open loop; every alert that it must raise is waited for, so a lost one
refuses the figure instead of improving it. The first seconds warm the worker and are left out.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from time import time
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench import log
from bench.load import Load, said, start
from bench.percentile import typical_p99, windows
from bench.reference import Reference
from bench.verdict import Refused
from bench.workloads import mixed
from deploy.embedded.processes import Chain
from shared.contracts.topics import ACCOUNT, ALERT

SHARE, WARM_S, LOST_S = 0.3, 5.0, 30.0


class Pace(NamedTuple):
    """``turns`` windows of ``seconds`` each, at ``rate`` events a second."""

    rate: float
    seconds: float
    turns: int

    @property
    def records(self) -> int:
        """How many records that takes, warming included."""
        return int(self.rate * (WARM_S + self.turns * self.seconds))


def measured(due: Mapping[str, float], seen: Mapping[str, float], pace: Pace) -> dict[str, Any]:
    """Return the p99 (ms) over alerts; ``due`` since the beginning, ``seen`` likewise."""
    lost = [name for name in due if name not in seen]
    if lost:
        raise Refused(f"{len(lost)} of {len(due)} were not there in time: {lost[0]}")
    pairs = [(due[n], seen[n] - due[n]) for n in due if due[n] >= WARM_S]
    if not pairs:
        raise Refused("no alert was due after the warm-up")
    dealt = windows(((at - WARM_S, took) for at, took in pairs), pace.seconds)
    return {
        "p99_ms": round(1000 * typical_p99(dealt), 1),
        "windows_p99_ms": [round(1000 * typical_p99([window]), 1) for window in dealt],
        "median_ms": round(1000 * sorted(took for _, took in pairs)[len(pairs) // 2], 1),
        "alerts": len(pairs),
        "rate": round(pace.rate),
    }


def dues(load: Load) -> dict[str, float]:
    """Return alert → when the record that raises it is due, by the core run on its own."""
    entries = list(load.entries())
    lanes = log.lanes(entries, ACCOUNT.partitions)
    right = Reference(mixed.WORK, lanes)
    ends = {number: len(lane) for number, lane in enumerate(lanes)}
    repeated = [name for name, times in right.at(ends).items() if times > 1]
    if repeated:
        raise ValueError(f"an alert that repeats has no single moment: {repeated[0]}")
    places: list[list[int]] = [[] for _ in lanes]
    for index, entry in enumerate(entries):
        places[log.lane_of(entry, ACCOUNT.partitions)].append(index)
    return {told.identity: places[lane][told.offset] / load.rate for lane, told in right.told(ends)}


async def durable(chain: Chain, pace: Pace, folder: Path) -> dict[str, Any]:
    """Measure with one mot worker over a log that nobody else writes."""
    load = Load(brokers=chain.stores.kafka, rate=pace.rate, count=pace.records, folder=str(folder))
    due = await asyncio.to_thread(dues, load)
    worker = chain.program("mot")
    worker.start()
    try:
        await asyncio.to_thread(worker.wait_ready)
        flow = start(load)
        try:
            seen = await arrivals(chain.stores.kafka, Counter(due), flow)
        finally:
            flow.kill()
            flow.wait()
    finally:
        worker.terminate()
    began = said(load)
    moments = {name: at - began.began for name, at in seen.items()}
    return {**measured(due, moments, pace), "publisher_late_ms": round(1000 * began.late, 1)}


async def arrivals(brokers: str, wanted: Counter[str], flow: Any) -> dict[str, float]:
    """Return alert → when it was first read, until all are there or nothing more comes."""
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers, fetch_max_wait_ms=20)
    await consumer.start()
    lanes = [TopicPartition(ALERT.name, number) for number in range(ALERT.partitions)]
    consumer.assign(lanes)
    await consumer.seek_to_end(*lanes)
    seen: dict[str, float] = {}
    quiet_since = time()
    try:
        while len(seen) < len(wanted) and time() - quiet_since < LOST_S:
            found = await consumer.getmany(timeout_ms=100)
            now = time()
            for records in found.values():
                for record in records:
                    seen.setdefault(mixed.identity(record.value), now)
            if found or flow.poll() is None:
                quiet_since = now
    finally:
        await consumer.stop()
    await asyncio.to_thread(flow.wait, LOST_S)
    return {name: at for name, at in seen.items() if name in wanted}
