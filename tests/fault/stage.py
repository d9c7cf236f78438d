"""What every row stands on: stores, workers, the account stream, who is told; and a verdict."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import redis.asyncio as redis
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from redis.exceptions import RedisError

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from services.mot.settings import GROUP
from shared.contracts.topics import ACCOUNT, ALERT, PARTITIONS
from tests.fault.asked import Asked
from tests.fault.crew import Crew
from tests.fault.gateway import PATIENT, Gateway
from tests.fault.inforce import settings
from tests.fault.rulechange import NAMES, RuleChanges, record
from tests.fault.stream import Stream
from tests.fault.verdict import judge_log, judge_told, wanted
from tests.fault.workload import USUAL, Mix, Workload
from tests.kit.eventually import eventually
from tests.kit.topic import read_all, send

MOMENTS = 1_000  # a fast machine is seldom behind


@dataclass(frozen=True)
class Plan:
    """``session``: seconds until the group gives a worker up; ``pace``: events a second."""

    workers: int = 1
    session: float = 6.0
    pace: int = 120
    mix: Mix = USUAL
    stores: Callable[[Path], Stores] = lambda folder: Stores(folder, Ports.free(), fresh=True)


@dataclass
class Stage:
    """The running world of a row. Offsets are counted over all partitions together."""

    asked: Asked
    folder: Path
    plan: Plan
    stores: Stores
    chain: Chain
    crew: Crew
    stream: Stream
    gateway: Gateway
    valkey: redis.Redis
    changes: RuleChanges = field(default_factory=RuleChanges)
    flowing: "asyncio.Task[None]" = field(init=False)

    @property
    def worker(self) -> Program:
        return self.crew.programs[0]

    def worker_without_name(self) -> Program:
        """Return one worker more, not started: when it comes or goes the group is formed anew."""
        return _worker(self.stores, self.folder, self.plan, None)

    async def all_ready(self, within: float = 60) -> None:
        """Wait until every worker has taken over what is its own."""

        async def ask() -> bool:
            ready = [asyncio.to_thread(p.recipe.ready) for p in self.crew.programs if p.running]
            return len(ready) == len(self.crew.programs) and all(await asyncio.gather(*ready))

        await eventually(ask, within=within)

    async def committed(self, within: float = 60) -> None:
        """Wait until Kafka knows a commit of every partition."""

        async def ask() -> bool:
            found = await self.commits()
            return len(found) == PARTITIONS and min(found.values()) > 0

        await eventually(ask, within=within)

    async def commits(self) -> dict[int, int]:
        """Return partition → the offset that the group has committed."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.stores.kafka)
        await admin.start()
        try:
            found = await admin.list_consumer_group_offsets(GROUP)
        finally:
            await admin.close()
        return {tp.partition: kept.offset for tp, kept in found.items() if tp.topic == ACCOUNT.name}

    async def marks(self) -> list[int]:
        """Return each partition's watermark, -1 before the first and while Valkey is down."""
        try:
            found = [await self.valkey.hget(f"mot:{{{p}}}:meta", "offset") for p in _ALL]
        except (RedisError, OSError):
            return [-1] * PARTITIONS
        return [-1 if offset is None else int(offset) for offset in found]

    async def epochs(self) -> list[int]:
        """Return how often each partition was taken over."""
        found = [await self.valkey.hget(f"mot:{{{p}}}:meta", "epoch") for p in _ALL]
        return [int(epoch or 0) for epoch in found]

    async def done(self) -> int:
        """Return how many records the workers are done with."""
        return sum(await self.marks()) + PARTITIONS

    async def moves_on(self, within: float = 60) -> None:
        """Wait until the workers are done with more than now."""
        before = await self.done()

        async def ask() -> bool:
            return await self.done() > before

        await eventually(ask, within=within)

    async def caught_at_work(self, program: Program) -> bool:
        """Freeze a worker at random moments until one finds records that it is not done with."""
        for _ in range(MOMENTS):
            program.freeze()
            sent = self.stream.sent
            if await self.done() < sent:
                return True
            program.thaw()
            await asyncio.sleep(self.asked.chance.uniform(0, 0.02))
        return False

    async def bounce_valkey(self, pause: float = 0.0) -> None:
        """Kill -9 Valkey and start it again; the workers end by themselves meanwhile, or wait."""
        server = self.stores.valkey_server
        server.kill()
        await asyncio.sleep(pause)
        server.start()
        await asyncio.to_thread(server.wait_ready)

    async def publish_rule(self) -> None:
        """Publish the next version of some rule."""
        version = self.changes.next(self.asked.chance.choice(NAMES))
        await send(self.stores.kafka, [record(version)])

    async def end_stream(self) -> None:
        """Stop the account stream and wait until all of it is done with."""
        self.stream.over = True
        await self.flowing
        await self.drained()

    async def drained(self, within: float = 180) -> None:
        """Wait until the workers are done with everything in the topic."""

        async def ask() -> bool:
            return await self.marks() == [end - 1 for end in await self._ends()]

        await eventually(ask, within=within)

    async def verdict(self) -> dict[str, Any]:
        """End the stream, wait for the last message, and compare with the oracle."""
        await self.end_stream()
        await self.gateway.settle(self.stream)
        await self.drained()
        await self.gateway.settle(self.stream)
        want = wanted(self.stream.work.told)
        log = judge_log(await read_all(self.stores.kafka, ALERT.name), want)
        told = judge_told(await self.gateway.journal(), want, self.gateway.receiver_of)
        evidence = json.dumps(log.pop("evidence"), default=str, ensure_ascii=False, indent=1)
        (self.folder / "evidence.json").write_text(evidence, encoding="utf-8")
        ends = {f"ended_{code}": count for code, count in sorted(self.crew.ends.items())}
        return {**log, **told, **ends, "records": self.stream.sent}

    async def _ends(self) -> list[int]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.stores.kafka)
        await consumer.start()
        try:
            found = await consumer.end_offsets([TopicPartition(ACCOUNT.name, p) for p in _ALL])
            return [found[TopicPartition(ACCOUNT.name, p)] for p in _ALL]
        finally:
            await consumer.stop()


_ALL = range(PARTITIONS)


@asynccontextmanager
async def staged(asked: Asked, folder: Path, plan: Plan) -> AsyncIterator[Stage]:
    """Start everything, the stream too, and stop it at the end, however that comes."""
    with plan.stores(folder / "state") as stores:
        told = {**PATIENT, **settings(folder / "in-force")}
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=True, extra=told)
        work = Workload(asked.seed, plan.mix)
        stream = Stream(stores.kafka, work, plan.pace)
        crew = Crew([_worker(stores, folder, plan, n) for n in range(plan.workers)])
        gateway = Gateway(chain, work.accounts)
        valkey = redis.from_url(stores.valkey_url)
        stage = Stage(asked, folder, plan, stores, chain, crew, stream, gateway, valkey)
        async with AsyncExitStack() as stops:  # each is stopped, whatever befalls the others
            stops.push_async_callback(valkey.aclose)
            await stream.start()
            stops.push_async_callback(stream.stop)
            stops.callback(gateway.stop)
            await gateway.start()
            stops.callback(crew.stop)
            crew.start()
            async with asyncio.TaskGroup() as group:
                tending = group.create_task(crew.tend())
                stage.flowing = group.create_task(stream.flow())
                await stage.moves_on()
                yield stage
                stream.over = True
                tending.cancel()


def _worker(stores: Stores, folder: Path, plan: Plan, number: int | None) -> Program:
    """Return one worker: a name of its own, so that after a kill it has its partitions at once."""
    where = folder / f"worker-{'x' if number is None else number}"
    chain = Chain(stores, Ports.free(), where, simulated=True)
    recipe = chain.program("mot").recipe
    told = {
        **recipe.env,
        **settings(folder / "in-force"),
        "MOT_SESSION_TIMEOUT": f"{plan.session:g}",
    }
    del told["MOT_INSTANCE_ID"]
    if number is not None:
        told["MOT_INSTANCE_ID"] = f"mot-{number}"
    return Program(replace(recipe, env=told), stores.state.roster)
