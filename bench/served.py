"""From kill -9 of one of two workers until each partition is served again, by the alerts they tell.

Clients withdraw all the time on every partition; one is served again when a withdrawal that was sent
after the kill is told. The group gives a dead worker up after its session, so that is the unit.
"""  # noqa: E501

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from time import time
from typing import Any

from aiokafka import AIOKafkaConsumer

from bench.verdict import Refused
from bench.workloads.brokers import Stream
from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program, stop_all
from deploy.embedded.stack import Stores
from shared.contracts.topics import ACCOUNT, ALERT
from shared.settings import KafkaSettings
from shared.streams.publish import partition_of, producer

SESSION_S, KILLS, LOST_S = 10.0, 3, 60.0
RATE, EACH = 200, 2  # events a second, each second one a withdrawal
SETTLED_S = 5.0  # the group has formed anew, and both are at work


async def served(stores: Stores, folder: Path) -> dict[str, Any]:
    """Kill one and the other in turn; the figure is in session timeouts."""
    workers = [_worker(stores, folder, number) for number in (1, 2)]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            await asyncio.to_thread(worker.wait_ready)
        async with _watched(stores.kafka) as told:
            took = [await _killed(workers[turn % 2], told) for turn in range(KILLS)]
    finally:
        stop_all(workers)
    return {
        "over_session": round(median(took) / SESSION_S, 2),
        "session_s": SESSION_S,
        "took_s": [round(one, 2) for one in took],
    }


def _worker(stores: Stores, folder: Path, number: int) -> Program:
    extra = {"MOT_INSTANCE_ID": f"mot-{number}", "MOT_SESSION_TIMEOUT": str(SESSION_S)}
    chain = Chain(stores, Ports.free(), folder / f"mot-{number}", simulated=True, extra=extra)
    return chain.program("mot")


class Told:
    """``last``: partition → when its youngest told withdrawal was sent, in unix seconds."""

    def __init__(self) -> None:
        self.sent: dict[bytes, tuple[int, float]] = {}
        self.last = dict.fromkeys(range(ACCOUNT.partitions), 0.0)

    async def since(self, moment: float) -> float:
        """Return how long after the moment every partition has told something younger (s)."""
        while min(self.last.values()) <= moment:
            if time() - moment > LOST_S:
                raise Refused(f"a partition was not served within {LOST_S:.0f} s")
            await asyncio.sleep(0.01)
        return time() - moment


async def _killed(worker: Program, told: Told) -> float:
    await told.since(time())
    await asyncio.sleep(SETTLED_S)
    worker.kill()
    took = await told.since(time())
    if took < SESSION_S / 2:
        raise Refused(f"the killed worker had nothing to do: served again after {took:.1f} s")
    worker.start()
    await asyncio.to_thread(worker.wait_ready)
    return took


@asynccontextmanager
async def _watched(brokers: str) -> AsyncIterator[Told]:
    told = Told()
    consumer = AIOKafkaConsumer(ALERT.name, bootstrap_servers=brokers, fetch_max_wait_ms=20)
    sender = producer(KafkaSettings(brokers=brokers))
    await consumer.start()
    await sender.start()
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(_withdraw(sender, told)),
                tasks.create_task(_hear(consumer, told)),
            ]
            yield told
            for task in running:
                task.cancel()
    finally:
        await sender.stop()
        await consumer.stop()


async def _withdraw(sender: Any, told: Told) -> None:
    for entry in Stream().quiet(EACH):
        partition = entry.partition
        if partition is None:
            partition = partition_of(entry.key or b"", ACCOUNT.partitions)
            told.sent[entry.key or b""] = partition, time()
        await sender.send(ACCOUNT.name, entry.value, entry.key, partition)
        await asyncio.sleep(1 / RATE)


async def _hear(consumer: AIOKafkaConsumer, told: Told) -> None:
    async for record in consumer:
        if record.key in told.sent:
            partition, at = told.sent.pop(record.key)
            told.last[partition] = max(at, told.last[partition])
