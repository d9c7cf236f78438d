"""Wiring: the only file of mot that knows Faust's app."""

import asyncio
import os
from contextlib import AsyncExitStack, suppress
from typing import Any

import faust
import redis.asyncio as redis
from aiokafka.errors import KafkaError
from fastapi import FastAPI
from mode import Service

from services.mot.adapters.batch_feed import Signals, Untouched, feed
from services.mot.adapters.checkpoint import Checkpoints
from services.mot.adapters.publisher import Publisher
from services.mot.adapters.rule_topic import RuleTopic
from services.mot.adapters.snapshots import StateTopic
from services.mot.agent import TooManyLetters
from services.mot.domain.watch import Rules
from services.mot.folding import AsRecorded
from services.mot.liveness import Liveness, Place, watch_over
from services.mot.rulebook import Rulebook
from services.mot.settings import GROUP, Settings
from services.mot.worker import Work, Worker
from shared.contracts.topics import ACCOUNT
from shared.observability import metrics
from shared.observability.logging import logger
from shared.web.health import mount, serving

FAIL_STOP = 70  # EX_SOFTWARE: the supervisor restarts, the new process goes on behind the watermark
BAD_INPUT = 65  # EX_DATAERR: a restart meets the same records, so a person must look
ENDS_EVERY = 2.0  # seconds between two questions where the log ends
BEAT_EVERY = 0.5
VALKEY_TIMEOUT = 15.0  # seconds


def stop_now(reason: str, code: int = FAIL_STOP) -> None:
    """End the process: an exception must never acknowledge anything."""
    logger().error("mot stops", reason=reason)
    os._exit(code)


def fail(error: Exception) -> None:
    """End the process for an error."""
    code = BAD_INPUT if isinstance(error, TooManyLetters) else FAIL_STOP
    stop_now(f"{type(error).__name__}: {error}", code)


def create_app(settings: Settings, rules: Rules) -> faust.App:
    """Return the Faust app: worker, group and assignment are Faust's; the rest is ours."""
    app = _faust(settings)
    valkey = redis.from_url(
        settings.valkey.url.get_secret_value(),
        socket_timeout=VALKEY_TIMEOUT,
        socket_connect_timeout=VALKEY_TIMEOUT,
    )
    publisher, states = Publisher(settings.kafka), StateTopic(settings.kafka)
    book = RuleTopic(settings.kafka, Rulebook(rules), fail)
    work = Work(AsRecorded(book), settings.dead_letters, book, states)
    worker = Worker(work, Checkpoints(valkey), publisher, fail)
    ends = Ends(app, worker)
    liveness = Liveness(settings.stall_seconds, ends.places)
    feed(app, ACCOUNT.name, worker, Signals(liveness.turned, fail))
    app.service(_shell(settings, worker, (liveness, ends), (publisher, states, book, valkey)))
    topic = app.topic(ACCOUNT.name, schema=Untouched(), partitions=ACCOUNT.partitions)

    @app.agent(topic, name="mot.watch")
    async def _watch(stream: Any) -> None:
        async for batch in stream:
            worker.put(batch)

    return app


def _faust(settings: Settings) -> faust.App:
    return faust.App(
        GROUP,
        broker=[f"kafka://{broker}" for broker in settings.kafka.brokers.split(",")],
        store="memory://",
        datadir=str(settings.data_folder),
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=min(1.0, settings.session_timeout / 6),
        broker_rebalance_timeout=20.0,
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="none",
        consumer_group_instance_id=settings.instance_id,
    )


class Ends:
    """Where the logs of the owned partitions end: as fetched, and as asked apart from fetching."""

    def __init__(self, app: faust.App, worker: Worker) -> None:
        self._app, self._worker = app, worker
        self._asked: dict[int, int] = {}

    async def ask(self) -> None:
        """Ask Kafka; a consumer that fetches no more is found out by this."""
        mine = [_tp(number) for number in self._worker.owned]
        if mine and not self._app.rebalancing:
            with suppress(KafkaError):  # it is asked again
                found = await self._app.consumer.highwaters(*mine)
                self._asked = {tp.partition: end for tp, end in found.items()}

    def places(self) -> dict[int, Place]:
        """Return the watermark and the end of each owned partition; none while they change."""
        mine = {} if self._app.rebalancing else dict(self._worker.owned)
        return {number: Place(held.offset, self._end(number)) for number, held in mine.items()}

    def lag(self) -> float:
        """Return the records behind; one while nothing is known."""
        if not self._worker.ready or self._app.rebalancing:
            return 1.0
        return float(sum(_behind(place) for place in self.places().values()))

    def _end(self, number: int) -> int | None:
        known = [self._asked.get(number)]
        with suppress(AssertionError):  # not assigned: the moment in which a rebalance begins
            known.append(self._app.consumer.highwater(_tp(number)))
        return max((end for end in known if end is not None), default=None)


def _behind(place: Place) -> int:
    return 1 if place.end is None else max(0, place.end - place.watermark - 1)


def _tp(partition: int) -> Any:
    return faust.types.TP(ACCOUNT.name, partition)


def _shell(
    settings: Settings,
    worker: Worker,
    looks: tuple[Liveness, Ends],
    lives: tuple[Publisher, StateTopic, RuleTopic, redis.Redis],
) -> type[Service]:
    """Return the service that lives beside the agent: producer, metrics, health, watchdog."""
    (liveness, ends), (publisher, states, book, valkey) = looks, lives

    def ready() -> str | None:
        return None if worker.ready else "no partitions taken over yet"

    class Shell(Service):
        """Producers, metrics, health, watchdog; Faust starts them behind the first take-over."""

        async def on_start(self) -> None:
            metrics.LAG_RECORDS.set_function(ends.lag)
            metrics.CLOCK_SILENT.set_function(worker.minutes.silent)
            self._stack = AsyncExitStack()
            self._stack.callback(watch_over(liveness, stop_now).set)
            self._stack.push_async_callback(publisher.stop)
            self._stack.push_async_callback(states.stop)
            self._stack.push_async_callback(book.stop)
            self._stack.push_async_callback(valkey.aclose)
            web = FastAPI(title="guanchao mot", openapi_url=None)
            mount(web, liveness.alive, ready)
            await self._stack.enter_async_context(serving(web, settings.http))

        @Service.task
        async def _beats(self) -> None:
            while not self.should_stop:
                liveness.beat()
                await asyncio.sleep(BEAT_EVERY)

        @Service.task
        async def _asks(self) -> None:
            while not self.should_stop:
                await asyncio.sleep(ENDS_EVERY)
                await ends.ask()

        async def on_stop(self) -> None:
            await worker.settle()  # with the producers and Valkey still there
            await self._stack.aclose()

    return Shell
