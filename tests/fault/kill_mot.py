"""K1: mot is killed with -9 again and again while the account stream flows."""

import argparse
import asyncio
import random
from pathlib import Path
from time import monotonic
from typing import Any

import redis.asyncio as redis

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from shared.contracts.topics import ALERT, PARTITIONS
from shared.settings import KafkaSettings
from shared.streams.publish import producer, publish
from tests.fault.verdict import judge
from tests.fault.workload import Workload
from tests.kit.eventually import eventually
from tests.kit.reference import expected
from tests.kit.topic import read_all

EVENTS_A_SECOND, CHUNK = 500, 25
MOMENTS = 1_000  # a fast machine is seldom behind
SESSION = {"MOT_INSTANCE_ID": "mot-fault", "MOT_SESSION_TIMEOUT": "6"}


async def run(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return the verdict, and how often work remained when the worker was killed."""
    chance = random.Random(given.seed)  # noqa: S311 when to kill, not a secret
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=True, extra=SESSION)
        stream = Stream(stores.kafka, Workload(given.seed))
        flowing = asyncio.create_task(stream.flow())
        worker, valkey = chain.program("mot"), redis.from_url(stores.valkey_url)
        began, remained = monotonic(), 0
        try:
            worker.start()
            for _ in range(given.kills):
                before = await watermarks(valkey)
                await eventually(_moved(valkey, before, worker), within=60)
                await asyncio.sleep(chance.uniform(0, 1.5))
                remained += await _caught_at_work(worker, stream, valkey, chance)
                worker.kill()
                worker.start()
            stream.over = True
            await flowing
            await eventually(_drained(valkey, stream), within=120)
            verdict = judge(await read_all(stores.kafka, ALERT.name), expected(stream.work.told))
        finally:
            flowing.cancel()
            worker.terminate()
            await valkey.aclose()
    counts = {"kills": given.kills, "work_remained": remained, "records": stream.sent}
    return {**counts, **verdict, "seed": given.seed, "seconds": round(monotonic() - began)}


class Stream:
    """Publishes the workload at a steady pace until it is over; ``sent`` counts records."""

    def __init__(self, brokers: str, work: Workload) -> None:
        self._brokers, self.work = brokers, work
        self.sent, self.over = 0, False

    async def flow(self) -> None:
        sender = producer(KafkaSettings(brokers=self._brokers))
        await sender.start()
        records, began, made = self.work.records(), monotonic(), 0
        while not self.over:
            for _ in range(CHUNK):
                batch = next(records)
                await publish(sender, batch)
                self.sent += len(batch)
            made += CHUNK
            await asyncio.sleep(max(0.0, began + made / EVENTS_A_SECOND - monotonic()))
        await sender.stop()


async def watermarks(valkey: redis.Redis) -> int:
    """Return how many records all partitions together are done with."""
    found = [await valkey.hget(f"mot:{{{p}}}:meta", "offset") for p in range(PARTITIONS)]
    return sum(int(offset) + 1 for offset in found if offset is not None)


async def _caught_at_work(
    worker: Program, stream: "Stream", valkey: redis.Redis, chance: random.Random
) -> bool:
    """Freeze the worker at random moments until one finds it with records it is not done with."""
    for _ in range(MOMENTS):
        worker.freeze()
        sent = stream.sent
        if await watermarks(valkey) < sent:
            return True
        worker.thaw()
        await asyncio.sleep(chance.uniform(0, 0.02))
    return False


def _moved(valkey: redis.Redis, before: int, worker: Program) -> Any:
    async def ask() -> bool:
        if not worker.running:
            raise AssertionError(f"mot ended by itself, exit code {worker.exit_code}")
        return await watermarks(valkey) > before

    return ask


def _drained(valkey: redis.Redis, stream: Stream) -> Any:
    async def ask() -> bool:
        return await watermarks(valkey) == stream.sent

    return ask
