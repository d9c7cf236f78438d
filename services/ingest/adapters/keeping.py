"""保管 — what ingest remembers is kept as long as it is told to, then deleted a little at a time.

A record's identity goes with the record, so nothing may come again that is older: see ``floor``.
Files and directories are never forgotten.
"""

import asyncio
import contextlib
from datetime import date, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters.books import AWAY
from services.ingest.domain.overdue import days_open
from shared.clock import Clock
from shared.kernel.trading_day import Calendar, OutsideCoverage
from shared.observability.logging import logger
from shared.observability.metrics import DAYS_OPEN, RECORDS_PRUNED, SOURCE_SILENT
from shared.observability.sources import source_label

BATCH: Final = 5000  # rows of one statement: others are let in between
LOOK_SECONDS: Final = 5.0
REST_SECONDS: Final = 600.0  # between two rounds that found nothing
MARGIN: Final = timedelta(days=30)  # identities outlive the days that are still taken

_BY_DAY: Final = {
    "movements": "trading_day",
    "early_reversals": "trading_day",
    "settlements": "trading_day",
    "day_rows": "trading_day",
    "stream_places": "trading_day",
    "states": "trading_day",
    "differences": "day",
}

_RECORDS = text(
    """
    DELETE FROM records WHERE n IN (
        SELECT n FROM (SELECT n, accepted_at FROM records ORDER BY n LIMIT :most) AS oldest
        WHERE accepted_at < now() - CAST(:age AS interval)
            AND NOT EXISTS (SELECT FROM outbox WHERE outbox.n = oldest.n)
    )
    """
)

_DAYS = """
    DELETE FROM {table} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM {table} WHERE {day} < :floor LIMIT :most
    ))
"""

_NEWEST = text("SELECT max(day) FROM closed_days")
_FIRST = text(
    """
    SELECT min(trading_day) FROM settlements WHERE trading_day >= (
        SELECT (accepted_at AT TIME ZONE 'Asia/Shanghai')::date FROM records ORDER BY n LIMIT 1
    )
    """
)
"""The first day that was settled since ingest is there: history that was loaded is never closed."""
_SILENT = text("SELECT source, extract(epoch FROM now() - at) AS seconds FROM heard")


class Keeping:
    """Deletes what is old, and looks how long each source and each day has waited.

    ``floor``: the oldest trading day that is still remembered, None as long as all are. It follows
    the newest closed day, never the wall.
    """

    def __init__(
        self, database: AsyncEngine, retention_days: int, calendar: Calendar, clock: Clock
    ) -> None:
        self.floor: date | None = None
        self._calendar, self._clock = calendar, clock
        self._database, self._retention = database, timedelta(days=retention_days)

    async def run(self) -> None:
        """Look for ever."""
        rest = 0.0
        while True:
            try:
                await self._look()
                rest -= LOOK_SECONDS
                if rest <= 0:
                    rest = 0 if await self.prune() else REST_SECONDS
            except AWAY as failure:
                logger().warning("nothing kept or deleted", reason=type(failure).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def prune(self) -> int:
        """Delete at most one batch of each table; return how many rows."""
        gone = await self._delete("records", _RECORDS, {"age": self._retention + MARGIN})
        if self.floor is not None:
            for table, day in _BY_DAY.items():
                statement = text(_DAYS.format(table=table, day=day))
                gone += await self._delete(table, statement, {"floor": self.floor})
        return gone

    async def _delete(self, table: str, statement: TextClause, bounds: dict[str, Any]) -> int:
        async with self._database.begin() as connection:
            done = await connection.execute(statement, {**bounds, "most": BATCH})
        gone = cast(CursorResult[Any], done).rowcount
        RECORDS_PRUNED.labels(table).inc(gone)
        return gone

    async def _look(self) -> None:
        async with self._database.connect() as connection:
            newest: date | None = (await connection.execute(_NEWEST)).scalar()
            first = newest or (await connection.execute(_FIRST)).scalar()
            silent = (await connection.execute(_SILENT)).all()
        self.floor = newest - self._retention if newest else None
        with contextlib.suppress(OutsideCoverage):  # past its end nothing is known
            if closed := newest or (first and self._calendar.before(first)):
                DAYS_OPEN.set(days_open(self._calendar, closed, self._clock.now()))
        for source, seconds in silent:
            SOURCE_SILENT.labels(source_label(source)).set(float(seconds))
