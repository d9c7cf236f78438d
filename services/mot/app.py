"""Wiring: the only file of mot that knows Faust's app."""

import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any

import faust
import redis.asyncio as redis
from fastapi import FastAPI
from mode import Service

from services.mot.adapters.batch_feed import BatchConsumer, Untouched, feed
from services.mot.adapters.checkpoint import Advance, Checkpoints, StateLost, Taken
from services.mot.adapters.publisher import Publisher
from services.mot.agent import Batch, Partition, Watcher
from services.mot.domain.account import Account
from services.mot.domain.watch import Rules
from services.mot.settings import Settings
from shared.contracts.topics import ACCOUNT
from shared.observability import metrics
from shared.observability.logging import logger
from shared.web.health import mount, serving

FAIL_STOP = 70  # EX_SOFTWARE: the supervisor restarts, the new process goes on behind the watermark
STALLED = 30.0  # seconds without a turn of the feed: the loop is stuck


@dataclass
class Worker:
    """What one mot process owns: its partitions, and how it takes over and remembers them."""

    checkpoints: Checkpoints
    taken: dict[int, Taken] = field(default_factory=dict)
    owned: dict[int, Partition] = field(default_factory=dict)
    ready: bool = False

    async def take_over(self, committed: Mapping[int, int | None]) -> Mapping[int, int]:
        """Own these partitions and no others; return the offset each one starts from."""
        self.owned.clear()
        for number, commit in committed.items():
            found = await self.checkpoints.take_over(number)
            if found.watermark is None and commit and not found.silent_until:
                raise StateLost(
                    f"partition {number} was committed up to {commit} but Valkey has no state of"
                    " it: run `python -m services.mot rebuild`, which reads the log again silently"
                )
            offset = -1 if found.watermark is None else found.watermark
            self.taken[number] = found
            self.owned[number] = Partition(
                number, offset, found.clock, found.silent_until, found.accounts
            )
        metrics.PARTITIONS_OWNED.set(len(self.owned))
        self.ready = True
        return {number: mine.offset + 1 for number, mine in self.owned.items()}

    async def remember(self, mine: Partition, offset: int, touched: Mapping[str, Account]) -> None:
        """Write the checkpoint that moves the watermark to ``offset``."""
        began = perf_counter()
        taken, done = self.taken[mine.number], Advance(mine.offset + 1, offset, mine.clock, "")
        self.taken[mine.number] = await self.checkpoints.write(mine.number, taken, done, touched)
        metrics.CHECKPOINT_SECONDS.observe(perf_counter() - began)


def stop_now(reason: str) -> None:
    """End the process: an exception must never acknowledge anything."""
    logger().error("mot stops", reason=reason)
    os._exit(FAIL_STOP)


def create_app(settings: Settings, rules: Rules) -> faust.App:
    """Return the Faust app: worker, group and assignment are Faust's; the rest is ours."""
    app = faust.App(
        "mot",
        broker=[f"kafka://{broker}" for broker in settings.kafka.brokers.split(",")],
        store="memory://",
        datadir=str(settings.data_folder),
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        broker_max_poll_records=4000,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=min(3.0, settings.session_timeout / 3),
        broker_rebalance_timeout=30.0,
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance_id,
    )
    valkey = redis.from_url(settings.valkey.url.get_secret_value())
    worker, publisher = Worker(Checkpoints(valkey)), Publisher(settings.kafka)
    watcher = Watcher(rules, publisher, worker.remember)
    consumer = feed(app, ACCOUNT.name, _guarded(worker))
    app.service(_shell(settings, worker, consumer, (app, valkey, publisher)))
    topic = app.topic(ACCOUNT.name, schema=Untouched(), partitions=ACCOUNT.partitions)

    @app.agent(topic, name="mot.watch")
    async def _watch(stream: Any) -> None:
        async for batch in stream:
            mine = worker.owned.get(batch.partition)
            if mine is None:
                continue  # revoked while the batch waited
            try:
                _count(await watcher.apply(mine, batch.records))
            except Exception as error:
                stop_now(f"{type(error).__name__}: {error}")

    return app


def _guarded(worker: Worker) -> Any:
    async def starts(committed: Mapping[int, int | None]) -> Mapping[int, int]:
        try:
            return await worker.take_over(committed)
        except Exception as error:
            stop_now(f"take-over: {error}")
            raise

    return starts


def _count(batch: Batch) -> None:
    metrics.EVENTS_WATCHED.inc(batch.watched)
    metrics.EVENTS_REPEATED.inc(batch.repeated)
    for rule in batch.failures:
        metrics.DETECTOR_FAILURES.labels(rule).inc()
        logger().warning("detector switched off for an account", rule=rule)


def _shell(
    settings: Settings,
    worker: Worker,
    consumer: type[BatchConsumer],
    parts: tuple[faust.App, redis.Redis, Publisher],
) -> type[Service]:
    """Return the service that lives beside the agent: producer, metrics, health."""
    app, valkey, publisher = parts

    def lag() -> float:
        ends = {n: app.consumer.highwater(_tp(n)) for n in worker.owned} if worker.ready else {}
        behind = [1 if end is None else end - worker.owned[n].offset - 1 for n, end in ends.items()]
        return float(sum(behind)) if worker.ready else 1.0

    def alive() -> str | None:
        idle = monotonic() - consumer.moved
        return f"the feed has not turned for {idle:.0f} s" if idle > STALLED else None

    def ready() -> str | None:
        return None if worker.ready else "no partitions taken over yet"

    class Shell(Service):
        """Producer and HTTP server, started before and stopped after the agent."""

        async def on_start(self) -> None:
            consumer.moved = monotonic()
            metrics.LAG_RECORDS.set_function(lag)
            self._stack = AsyncExitStack()
            await publisher.start()
            self._stack.push_async_callback(publisher.stop)
            self._stack.push_async_callback(valkey.aclose)
            web = FastAPI(title="guanchao mot", openapi_url=None)
            mount(web, alive, ready)
            await self._stack.enter_async_context(serving(web, settings.http))

        async def on_stop(self) -> None:
            await self._stack.aclose()

    return Shell


def _tp(partition: int) -> Any:
    return faust.types.TP(ACCOUNT.name, partition)
