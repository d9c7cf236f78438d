"""体征 — what ingest says of itself: alive, ready, and how much is not yet in Kafka."""

import asyncio
import math
import time
from collections.abc import Sequence
from concurrent.futures import TimeoutError as Late

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters.books import AWAY
from services.ingest.adapters.file_drop import FileDrop
from services.ingest.adapters.relay import Relay
from shared.clock import Clock
from shared.db.migrate import newest
from shared.kernel.trading_day import CHINA, Calendar
from shared.observability.calendar_watch import CalendarWatch
from shared.observability.metrics import UNPUBLISHED

PULSE_SECONDS = 1.0
PROBE_SECONDS = 3.0
STILL_SECONDS = 15.0  # without a pulse the loop hangs

_UNSENT = text("SELECT count(*) FROM outbox")
_VERSION = text("SELECT version_num FROM alembic_version")


class Vitals:
    """Looks once a second; the checks answer from what was seen last."""

    def __init__(self, database: AsyncEngine, folder: FileDrop, relays: Sequence[Relay]) -> None:
        self.backlog = 0
        self._database, self._folder, self._relays = database, folder, relays
        self._head = newest("ingest")
        self._reason: str | None = "starting"
        self._beat = time.monotonic()

    async def run(self, clock: Clock, calendar: Calendar) -> None:
        """Look for ever."""
        loop, days = asyncio.get_running_loop(), CalendarWatch(calendar)
        UNPUBLISHED.set_function(lambda: self._counted(loop))
        while True:
            self._beat = time.monotonic()
            today = clock.now().astimezone(CHINA).date()
            days.look(today)
            await self._probe()
            await asyncio.sleep(PULSE_SECONDS)

    def alive(self) -> str | None:
        """See ``shared.web.health.Check``."""
        still = time.monotonic() - self._beat
        return f"the loop has not moved for {still:.0f} s" if still > STILL_SECONDS else None

    def ready(self) -> str | None:
        """See ``shared.web.health.Check``: database there and migrated, producers started."""
        states = (relay.state for relay in self._relays)
        unready = [state for state in states if state not in ("publishing", "standby")]
        return self._reason or (f"relay {unready[0]}" if unready else None)

    async def unpublished(self) -> int:
        """Count what is not yet in Kafka: files first, so that one being taken is never missed."""
        files = await asyncio.to_thread(self._folder.waiting)
        async with self._database.connect() as connection:
            return files + int((await connection.execute(_UNSENT)).scalar_one())

    async def _probe(self) -> None:
        try:
            async with asyncio.timeout(PROBE_SECONDS), self._database.connect() as connection:
                version = (await connection.execute(_VERSION)).scalar()
                self.backlog = int((await connection.execute(_UNSENT)).scalar_one())
        except (*AWAY, TimeoutError) as failure:
            self._reason = f"the database is away or not migrated: {type(failure).__name__}"
        else:
            wrong = f"the schema is at {version}, not {self._head}: run migrate"
            self._reason = None if version == self._head else wrong

    def _counted(self, loop: asyncio.AbstractEventLoop) -> float:
        """Called by the scrape's thread; an unknown count is NaN, never 0."""
        try:
            return asyncio.run_coroutine_threadsafe(self.unpublished(), loop).result(PROBE_SECONDS)
        except (*AWAY, Late, RuntimeError):
            return math.nan
