"""The life of profile: start, read until told to stop, drain."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.profile.adapters.letters import bury
from services.profile.adapters.nights import Nights, touch
from services.profile.adapters.reader import Reader
from services.profile.adapters.shelf import Shelf
from services.profile.adapters.visit_generating import Generating
from services.profile.adding_up import AddingUp
from services.profile.batch import Batch, pause
from services.profile.desk import Desk, desk
from services.profile.domain.letter_limit import TooManyLetters
from services.profile.domain.topics import READ
from services.profile.health import Health, measure_on_request
from services.profile.nightly import steps
from services.profile.permission_book import read_conditions
from services.profile.report_plan import read_plan
from services.profile.settings import Settings
from services.profile.visit_job import VisitJob
from shared import collector
from shared.calendars import calendar_at
from shared.clock import WallClock
from shared.db.migrate import newest
from shared.db.session import engine
from shared.observability.logging import logger
from shared.streams.outbox import Relay
from shared.streams.publish import producer, publish
from shared.web.health import mount, serving

CONNECTIONS = 12
RELAY, PUBLISH = 0x70726F66, 0.5  # of the outbox: one relay at a time; seconds between looks
LOOK_AT_SCHEMA, DRAIN_SECONDS = 1.0, 23.0
CRASHED, BAD_INPUT = 70, 65
VERSION = text("SELECT version_num FROM alembic_version")
Api = Callable[[Desk], FastAPI]


async def run(settings: Settings, api: Api) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code. What is unexpected is raised."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def leave() -> None:
        stop.set()
        loop.call_later(DRAIN_SECONDS, os._exit, CRASHED)  # what still hangs then is not waited for

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, leave)
    async with AsyncExitStack() as stack:
        try:
            await _live(settings, api, stop, stack)
        except ExceptionGroup as several:
            bad, others = several.split(TooManyLetters)
            if bad is None or others is not None:
                raise
            logger().error("stopped itself", reason=str(bad.exceptions[0]))
            return BAD_INPUT
    return 0


async def _live(settings: Settings, api: Api, stop: asyncio.Event, stack: AsyncExitStack) -> None:
    database = engine(settings.postgres, "profile", pool_size=CONNECTIONS)
    stack.push_async_callback(database.dispose)
    letters = producer(settings.kafka)
    stack.push_async_callback(letters.stop)
    await letters.start()
    types = {topic.name: adapter for topic, adapter in READ.items()}
    buries = partial(bury, partial(publish, letters))
    shelf = Shelf(database, types, settings.finder, buries, touch)
    reader = Reader(settings.kafka, list(READ), shelf, settings.dead_letters, settings.instance_id)
    stack.push_async_callback(reader.stop)
    health = Health(reader)
    http = api(desk(settings, database, WallClock()))
    mount(http, alive=health.stuck, ready=health.unready)
    measure_on_request(http, reader)
    await stack.enter_async_context(serving(http, settings.http))
    await _wait_for_schema(database, health, stop)
    if not stop.is_set():
        await reader.start()
        collector.calm()
        logger().info("running", port=settings.http.port)
    nights = Nights(
        database,
        settings.broker,
        steps(),
        settings.nights,
        calendar=calendar_at(settings.calendar),
        conditions=read_conditions(settings.permission_rules),
        plan=read_plan(settings.report_plan),
        churn_floor=settings.churn_floor,
    )
    batch = Batch(nights)
    cipher = settings.finder.cipher
    visits = VisitJob(Generating(database, settings.broker, nights.calendar, cipher))
    relay = Relay(database, settings.kafka, RELAY)
    stack.push_async_callback(relay.stop)
    async with asyncio.TaskGroup() as group:
        group.create_task(batch.run(stop))
        group.create_task(visits.run(stop))
        group.create_task(AddingUp(database, settings.broker).run(stop))
        group.create_task(_publish(relay, stop))
        while not stop.is_set():
            health.beat()
            await reader.read()
    logger().info("drained")


async def _publish(relay: Relay, stop: asyncio.Event) -> None:
    """Publish profile's own events until told to stop; what is left then waits in the outbox."""
    while not stop.is_set():
        if not await relay.step():
            await pause(stop, PUBLISH)


async def _wait_for_schema(database: AsyncEngine, health: Health, stop: asyncio.Event) -> None:
    """Return when the schema is the code's; until then say on ``/readyz`` what is missing."""
    wanted = newest("profile")
    while not stop.is_set():
        found = await _version(database)
        if found == wanted:
            health.beat()
            health.schema = None
            return
        health.schema = f"the database is at {found}, the code at {wanted}: migrate"
        try:
            async with asyncio.timeout(LOOK_AT_SCHEMA):
                await stop.wait()
        except TimeoutError:
            continue


async def _version(database: AsyncEngine) -> str | None:
    async with database.connect() as connection:
        try:
            found = await connection.scalar(VERSION)
        except ProgrammingError:
            return None
        return None if found is None else str(found)
