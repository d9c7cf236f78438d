"""Wiring: the one place that knows every part of notify."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters.directory import People
from services.notify.adapters.dispatcher import Dispatcher
from services.notify.adapters.ledger import PostgresLedger
from services.notify.adapters.queue import Queue
from services.notify.adapters.reader import Reader, Subject
from services.notify.adapters.records import Records
from services.notify.adapters.rounds import Bell, Pulse, Rounds
from services.notify.adapters.ticks import Ticks
from services.notify.adapters.token import Token
from services.notify.adapters.transport import transport
from services.notify.agent import Teller
from services.notify.domain.channel import Channel
from services.notify.domain.decide import DAWN
from services.notify.domain.links import Signer
from services.notify.domain.policy import Policy
from services.notify.health import Readiness, measure_on_request
from services.notify.last_words import last_words
from services.notify.settings import Settings
from services.notify.subjects import subjects
from shared.clock import Clock, DrivenClock, WallClock
from shared.db.migrate import newest
from shared.db.session import engine
from shared.observability.logging import logger
from shared.streams.publish import Record, producer, publish
from shared.web.health import mount, serving

POLL, RECOVER, LOOK_AT_SCHEMA = 0.2, 1.0, 1.0
DRAIN_SECONDS, CLOSE_SECONDS, CRASHED = 23.0, 5.0, 70
CONNECTIONS = 16
Pages = Callable[[Records, Signer, Clock], APIRouter]


@dataclass(frozen=True)
class Bells:
    """``decide``: an alert may be due. ``send``: an intent may be sent."""

    decide: Bell
    send: Bell


@dataclass(frozen=True)
class Told:
    """What ``__main__`` hands over: settings, policy, and the pages over the ledger."""

    settings: Settings
    policy: Policy
    pages: Pages


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
    bells = Bells(Bell(), Bell())
    database = engine(settings.postgres, "notify", pool_size=CONNECTIONS)
    stack.push_async_callback(database.dispose)
    records = Records(database)
    clock: Clock = WallClock() if settings.clock == "wall" else DrivenClock(DAWN)
    teller, dispatcher = await _parts(told, database, clock, bells, stack)
    taken = subjects(database, teller, bells.decide.ring)
    reader = await _reader(settings, taken, stack)
    ready = Readiness(reader)

    http = FastAPI(title="观潮 notify", openapi_url=None)
    http.include_router(told.pages(records, teller.signer, clock))
    mount(http, alive=pulse.stuck, ready=ready.reason)
    measure_on_request(http, reader, records)
    await stack.enter_async_context(serving(http, settings.http))

    await _wait_for_schema(records, ready, stop)
    if stop.is_set():
        return
    rounds = Rounds(pulse, stop)
    async with asyncio.TaskGroup() as group:
        if isinstance(clock, DrivenClock):
            ticks = Ticks(settings.kafka, clock, bells.decide.ring)
            stack.push_async_callback(ticks.stop)
            await ticks.start()
            group.create_task(rounds.run("tick", ticks.read, Bell(), 0))
        await reader.start()
        log.info("running", port=settings.http.port, clock=settings.clock)
        group.create_task(rounds.run("read", reader.read, Bell(), 0))
        group.create_task(rounds.run("decide", teller.settle_due, bells.decide, POLL))
        group.create_task(rounds.run("recover", dispatcher.recover, Bell(), RECOVER))
        await rounds.run("send", lambda: dispatcher.dispatch(group), bells.send, POLL)
    log.info("drained")


async def _parts(
    told: Told,
    database: AsyncEngine,
    clock: Clock,
    bells: Bells,
    stack: AsyncExitStack,
) -> tuple[Teller, Dispatcher]:
    settings, policy, cipher = told.settings, told.policy, told.settings.cipher
    channels: Mapping[str, Channel] = {"wecom_app": settings.wecom, "aliyun_sms": settings.sms}
    sending, proxy = settings.sending, settings.sending.proxy
    sender = transport(
        frozenset(host for channel in channels.values() for host in channel.hosts()),
        sending.timeout_seconds,
        sending.slots,
        proxy.get_secret_value() if proxy else None,
    )
    stack.push_async_callback(sender.client.aclose)
    teller = Teller(
        PostgresLedger(database, People(cipher, policy.desk_role), cipher),
        policy,
        channels,
        Signer(settings.links_base, settings.link_key),
        clock,
        bells.send.ring,
    )
    lease = timedelta(seconds=sending.lease_seconds)
    dispatcher = Dispatcher(
        queue=Queue(database, clock, cipher, policy, lease),
        channels=channels,
        tokens={"wecom_app": Token(settings.wecom, sender.send)},
        sender=sender,
        conclude=teller.conclude,
        wall=WallClock(),
        lease=sending.lease_seconds,
        slots=sending.slots,
    )
    return teller, dispatcher


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
