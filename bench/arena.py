"""Where sides meet: real stores, one preloaded log a workload, one turn's task, run and verdict."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import redis
from aiokafka.errors import KafkaError
from msgspec import MsgspecError
from redis.exceptions import RedisError

from bench import log
from bench.catalogue import Side
from bench.harness import claimed
from bench.reference import Reference, Totals
from bench.task import Claim, Task
from bench.verdict import Refused, complaints, wrong_totals
from bench.works import WORKS
from deploy.embedded.stack import Stores
from services.mot.settings import GROUP
from shared.contracts.topics import ACCOUNT, ALERT
from shared.streams.coordinator import await_coordinator

PARTITIONS = 4
ROUND = 1_000_000  # distinct records of a log that is written several times over
RATES = {"w1": 450_000, "w2": 80_000, "fd": 450_000}
"""Events/s that no side is expected to exceed: how long the log must be."""


class Arena:
    """One workload's log and its judge. ``seconds`` bounds each turn."""

    def __init__(self, work: str, stores: Stores, folder: Path, seconds: float) -> None:
        self.work, self.stores, self.seconds = work, stores, seconds
        self._folder = folder / work
        wanted = int(RATES[work] * seconds)
        whole = work == "w2"  # its records have sequences, which never repeat
        self.rounds = 1 if whole else max(1, round(wanted / ROUND))
        self._distinct = wanted if whole else min(wanted, ROUND)
        self.topic = ACCOUNT.name if whole else f"bench.{work}"
        self.partitions = ACCOUNT.partitions if whole else PARTITIONS

    def prepare(self) -> None:
        """Write the log."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self.lanes = log.lanes(WORKS[self.work].generate(self._distinct), self.partitions)
        self.total = self.rounds * sum(len(lane) for lane in self.lanes)
        self._right = {b: Reference(WORKS[self.work], self.lanes, b) for b in (True, False)}
        self._totals = Totals(self.lanes, WORKS["w1"].parse) if self.work == "w1" else None
        asyncio.run(self._write())

    async def _write(self) -> None:
        await await_coordinator(self.stores.kafka, "bench-first")  # no side waits for it
        if self.topic != ACCOUNT.name:
            await log.create(self.stores.kafka, self.topic, partitions=self.partitions)
        await log.preload(self.stores.kafka, self.topic, self.lanes, self.rounds)

    def clear(self) -> None:
        """Drop the log, so that the next workload has the disk's cache to itself."""
        if self.topic != ACCOUNT.name:
            asyncio.run(log.delete(self.stores.kafka, self.topic))

    def turn(self, side: Side, number: int) -> float:
        """Let a side drain the log, judge it, and return its events/s, or raise ``Refused``."""
        try:
            return self._turn(side, number)
        except (KafkaError, RedisError, MsgspecError) as error:
            raise Refused(f"{type(error).__name__}: {error}") from error

    def _turn(self, side: Side, number: int) -> float:
        group = f"{side.name.replace('_', '-')}-{number}"
        mot = side.program == "mot_worker"
        out = ALERT.name if mot else f"out.{group}"
        since = asyncio.run(self._before(out, mot))
        task = Task(
            work=self.work,
            brokers=self.stores.kafka,
            valkey=self.stores.valkey_url,
            topic=self.topic,
            out=out,
            partitions=self.partitions,
            total=self.total,
            seconds=self.seconds,
            group=group,
            folder=str(self._folder / group),
        )
        claim = claimed(side, task)
        wrong = list(self._judge(side, claim, asyncio.run(self._told(side, claim, out, since))))
        redis.from_url(self.stores.valkey_url).flushall()
        if wrong:
            raise Refused("; ".join(wrong))
        return claim.records / claim.seconds

    async def _before(self, out: str, mot: bool) -> dict[int, int]:
        """Prepare where alerts go, and make mot's start its first one."""
        if not mot:
            await log.create(self.stores.kafka, out, partitions=self.partitions)
            return {}
        await log.forget_group(self.stores.kafka, GROUP)
        return await log.ends(self.stores.kafka, out, ALERT.partitions)

    async def _told(
        self, side: Side, claim: Claim, out: str, since: dict[int, int]
    ) -> Counter[str]:
        if side.program in ("raw", "pathway"):
            return Counter(claim.alerts)
        found = await log.values(self.stores.kafka, out, self.partitions, since)
        return Counter(WORKS[self.work].identity(value) for value in found)

    def _judge(self, side: Side, claim: Claim, told: Counter[str]) -> Iterator[str]:
        name = _first_word if side.program == "pathway" else str
        yield from complaints(claim, told, self._right[side.broadcasts], name)
        if self._totals:
            yield from wrong_totals(claim, self._totals)


def _first_word(identity: str) -> str:
    """Return the id alone, which is all that an incremental engine's alert can say."""
    return identity.split("|", maxsplit=1)[0]
