"""Wiring: what runs beside what, and in which order it ends."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI

from services.ingest.adapters.books import books_of
from services.ingest.adapters.columns import own_sources
from services.ingest.adapters.excel import parse
from services.ingest.adapters.file_drop import FileDrop
from services.ingest.adapters.keeping import Keeping
from services.ingest.adapters.lanes import lanes
from services.ingest.adapters.posted_clock import PostedClock
from services.ingest.adapters.profiles import load_all
from services.ingest.adapters.relay import Relay
from services.ingest.adapters.stops import stops_of
from services.ingest.adapters.vitals import Vitals
from services.ingest.agent.dropping import Dropping
from services.ingest.agent.guarding import Guard
from services.ingest.agent.posting import Manner, Posting, Receipt
from services.ingest.agent.taking import Intake
from services.ingest.agent.ticking import Ticking
from services.ingest.counters import counters
from services.ingest.domain.admission import Gate
from services.ingest.domain.books import StoresAway
from services.ingest.domain.profiles.tallied import tally_of
from services.ingest.domain.rehearsal import Rehearsal
from services.ingest.pulls import pulls
from services.ingest.settings import Settings
from shared import collector
from shared.blind_index import BlindIndex
from shared.calendars import calendar_at
from shared.clock import Clock, WallClock
from shared.contracts.topics import PARTITIONS
from shared.crypto import FieldCipher
from shared.db.session import engine
from shared.kernel.trading_day import OutsideCoverage
from shared.observability.logging import logger
from shared.web.health import mount, serving

CRASHED = 70  # EX_SOFTWARE: the supervisor starts us again
FILE_SECONDS, ROUND_SECONDS, LAST_SECONDS = 12, 6, 24
POOL = 10


class Ingest:
    """The service's parts, built from its settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.calendar = calendar_at(settings.calendar)
        self.profiles = load_all(settings.profiles)
        self.wall = WallClock()
        self.posted = PostedClock(self.wall)
        self.clock: Clock = self.posted if settings.clock == "source" else self.wall
        self.database = engine(settings.postgres, "ingest", POOL)
        self.books = books_of(self.database)
        over = settings.postgres, settings.kafka
        self.relays = [Relay(*over, lane) for lane in lanes(settings.lanes, PARTITIONS)]
        self.folder = FileDrop(settings.drop_folder, settings.file_rest_seconds)
        self.vitals = Vitals(self.database, self.folder, self.relays)
        self.guard = Guard(settings.refusals, self.wall, lambda: stops_of(self.database))
        self.keeping = Keeping(self.database, settings.retention_days, self.calendar, self.clock)
        self.rehearsal = Rehearsal(settings.rehearsal_days, settings.rehearsal_sources)
        self.stopping = asyncio.Event()

    @property
    def posting(self) -> Posting:
        gate = Gate(self.settings.broker, self.calendar, self.settings.clock == "source")
        manner = Manner(self.settings.conflate, self.rehearsal, lambda: self.keeping.floor)
        return Posting(gate, self.books, manner, self.clock)

    def too_much_waits(self) -> bool:
        """Say whether posts are to be put off until Kafka has caught up."""
        return self.vitals.backlog > self.settings.backlog_limit

    @property
    def intake(self) -> Intake:
        keys = {kid: key.get_secret_value() for kid, key in self.settings.field_keys.items()}
        return Intake(
            broker=self.settings.broker,
            calendar=self.calendar,
            closing=self.settings.closing,
            sealer=FieldCipher(keys),
            clock=self.clock,
            open_books=self.books,
            parse=parse,
            blind=self._blind(),
            refusals=self.settings.refusals,
            profiles=own_sources(self.profiles, self.settings.columns, self.settings.broker),
            rehearsal=self.rehearsal,
            tally=tally_of(self.profiles),
        )

    @property
    def dropping(self) -> Dropping:
        return Dropping(self.folder, self.intake, self.rehearsal)

    def _blind(self) -> BlindIndex | None:
        keys = {kid: key.get_secret_value() for kid, key in self.settings.index_keys.items()}
        return BlindIndex(keys) if keys else None

    def stored(self, receipt: Receipt) -> None:
        """A batch is durable: wake the relays, count it, follow its clock."""
        self.vitals.backlog += receipt.accepted
        if receipt.newest_tick:
            self.posted.advance(receipt.newest_tick.data.at)
        self.wake()

    def wake(self) -> None:
        """Something new was stored."""
        for relay in self.relays:
            relay.wake.set()

    async def sweep(self) -> None:
        """Sweep the drop folder until told to stop."""
        dropping, recovered = self.dropping, False
        while not self.stopping.is_set():
            try:
                if not recovered:
                    await dropping.recover()
                    recovered = True
                if await dropping.sweep():
                    self.wake()
                    continue
            except StoresAway:
                logger().warning("files wait", reason="the database is away")
            await self._rest(self.settings.sweep_seconds)

    async def tick(self) -> None:
        """Tell each minute of the wall's clock, as soon as it can be stored."""
        ticking = Ticking(self.settings.broker, self.calendar, self.books)
        told = None
        while not self.stopping.is_set():
            now = self.wall.now()
            minute = now.replace(second=0, microsecond=0)
            if minute != told:
                try:
                    await ticking.tick(minute)
                    self.wake()
                    told = minute
                except OutsideCoverage as failure:
                    logger().error("no tick", reason=str(failure))
                    told = minute
                except StoresAway:
                    logger().warning("no tick yet", reason="the database is away")
            await self._rest(min(1.0, 60.001 - now.second - now.microsecond / 1e6))

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)


async def run(settings: Settings, api: Callable[[Ingest], FastAPI]) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    ingest = Ingest(settings)
    parts = [*counters(settings, ingest), *pulls(settings, ingest.profiles, ingest)]
    _listen(ingest.stopping)
    app = api(ingest)
    mount(app, ingest.vitals.alive, ingest.vitals.ready)
    looks = [_start(ingest.vitals.run(ingest.clock, ingest.calendar), "vitals")]
    looks += [_start(ingest.keeping.run(), "keeping"), _start(ingest.guard.keep(), "guard")]
    relays = [_start(relay.run(), "relay") for relay in ingest.relays]
    intakes = [_start(ingest.sweep(), "sweep")]
    intakes += [_start(part, name) for name, part in parts]
    if settings.clock == "wall":
        intakes.append(_start(ingest.tick(), "tick"))
    async with serving(app, settings.http):
        collector.calm()
        logger().info("ready to take events", port=settings.http.port)
        crashed = await _until_stopped(ingest.stopping, [*looks, *relays, *intakes])
    await _end(intakes, FILE_SECONDS)
    for relay in ingest.relays:
        relay.stop()
    await _end(relays, ROUND_SECONDS)
    await _end(looks, 0)
    await ingest.database.dispose()
    return CRASHED if crashed else 0


def _listen(stopping: asyncio.Event) -> None:
    def stop() -> None:
        stopping.set()
        last = threading.Timer(LAST_SECONDS, os._exit, (0,))  # all that was accepted is durable
        last.daemon = True
        last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)


def _start(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    return asyncio.create_task(work, name=name)


async def _until_stopped(stopping: asyncio.Event, tasks: list[asyncio.Task[None]]) -> bool:
    """Wait for the signal; return True when a part ended by itself, which none may."""
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
    if stop.done():
        return False
    stopping.set()
    for task in tasks:
        if task.done():
            logger().error("a part ended", part=task.get_name(), exc_info=task.exception())
    return True


async def _end(tasks: list[asyncio.Task[None]], seconds: float) -> None:
    """Let tasks finish what they are at; a file or round cut off is found whole at the start."""
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
