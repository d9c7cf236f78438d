"""The life of notify: start, run until told to stop, drain. Its parts are in ``wiring``."""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack

from services.notify.adapters.reader import Reader, Subject
from services.notify.adapters.records import Records
from services.notify.adapters.rounds import Bell, Pulse, Rounds
from services.notify.adapters.ticks import Ticks
from services.notify.application import application
from services.notify.domain.decide import DAWN
from services.notify.domain.policy import Policy
from services.notify.health import Readiness, measure_on_request
from services.notify.settings import Settings
from services.notify.wiring import POLL, Pages, Told, wire
from shared.clock import Clock, DrivenClock, WallClock
from shared.db.migrate import newest
from shared.db.session import engine
from shared.observability.last_words import last_words
from shared.observability.logging import logger
from shared.streams.publish import Record, producer, publish
from shared.web.health import mount, serving

LOOK_AT_SCHEMA = 1.0
DRAIN_SECONDS, CLOSE_SECONDS, CRASHED = 23.0, 5.0, 70
CONNECTIONS = 16


async def run(settings: Settings, policy: Policy, pages: Pages) -> int:
    """Live until told to stop, drain, and return 0. What is unexpected is logged and raised."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def leave() -> None:
        stop.set()
        loop.call_later(DRAIN_SECONDS, os._exit, CRASHED)  # what still hangs then is not waited for

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, leave)
    async with AsyncExitStack() as stack:
        try:
            await _live(Told(settings, policy, pages), stop, stack)
        except Exception as error:
            last_words(error)
            loop.call_later(CLOSE_SECONDS, os._exit, CRASHED)
            raise
    return 0


async def _live(told: Told, stop: asyncio.Event, stack: AsyncExitStack) -> None:
    settings = told.settings
    log, pulse = logger(), Pulse()
    database = engine(settings.postgres, "notify", pool_size=CONNECTIONS)
    stack.push_async_callback(database.dispose)
    records = Records(database)
    clock: Clock = WallClock() if settings.clock == "wall" else DrivenClock(DAWN)
    parts = wire(told, database, records, clock, stack)
    bells, dispatcher = parts.bells, parts.dispatcher
    reader = await _reader(settings, parts.subjects, stack)
    ready = Readiness(reader)

    http = application(parts.routers, parts.desk)
    mount(http, alive=pulse.stuck, ready=ready.reason)
    measure_on_request(http, reader, records)
    await stack.enter_async_context(serving(http, settings.http))
    if parts.desk:
        stack.callback(parts.desk.live.close)

    await _wait_for_schema(records, ready, stop)
    if stop.is_set():
        return
    rounds = Rounds(pulse, stop)
    async with asyncio.TaskGroup() as group:
        if isinstance(clock, DrivenClock):
            still = dispatcher.nothing_on_its_way
            ticks = Ticks(settings.kafka, clock, bells.by_the_clock, still)
            stack.push_async_callback(ticks.stop)
            await ticks.start()
            group.create_task(rounds.run("tick", ticks.read, Bell(), 0))
            reader.abreast = ticks.abreast
        await reader.start()
        log.info("running", port=settings.http.port, clock=settings.clock)
        group.create_task(rounds.run("read", reader.read, Bell(), 0))
        for loop in parts.loops:
            group.create_task(rounds.run(loop.name, loop.step, loop.bell, loop.poll))
        await rounds.run("send", lambda: dispatcher.dispatch(group), bells.send, POLL)
    log.info("drained")


async def _reader(
    settings: Settings, taken: Mapping[str, Subject], stack: AsyncExitStack
) -> Reader:
    letters = producer(settings.kafka)
    stack.push_async_callback(letters.stop)
    await letters.start()

    async def bury(record: Record) -> None:
        await publish(letters, [record])

    reader = Reader(settings.kafka, taken, bury, settings.instance_id)
    stack.push_async_callback(reader.stop)
    return reader


async def _wait_for_schema(records: Records, ready: Readiness, stop: asyncio.Event) -> None:
    """Return when the schema is the code's; until then say on ``/readyz`` what is missing."""
    wanted = newest("notify")
    while not stop.is_set():
        found = await records.version()
        if found == wanted:
            ready.schema = None
            return
        ready.schema = f"the database is at {found}, the code at {wanted}: migrate"
        try:
            async with asyncio.timeout(LOOK_AT_SCHEMA):
                await stop.wait()
        except TimeoutError:
            continue
