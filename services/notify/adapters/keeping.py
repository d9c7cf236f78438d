"""保管 — evidence is kept for years, then deleted bit by bit, an alert with all that is its.

What is still open is never too old.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.clock import Clock
from shared.observability.metrics import NOTIFY_PRUNED

BATCH: Final = 200  # alerts, or rows of what belongs to none, in one transaction
REST_SECONDS: Final = 0.2  # between two of them: messages go first

ALLOWED = text("SET LOCAL guanchao.retention = 'on'")
OLD = text("""
    SELECT DISTINCT r.alert_id FROM revisions r
    WHERE r.wall_read < :before
      AND NOT EXISTS (SELECT FROM revisions n
                      WHERE n.alert_id = r.alert_id AND n.wall_read >= :before)
      AND NOT EXISTS (SELECT FROM alerts a WHERE a.alert_id = r.alert_id AND a.due_at IS NOT NULL)
      AND NOT EXISTS (SELECT FROM intents i LEFT JOIN intents d ON d.intent_id = i.merged_into
                      WHERE i.alert_id = r.alert_id
                        AND (i.ended_at IS NULL OR d.intent_id IS NOT NULL AND d.ended_at IS NULL))
    LIMIT :most
""")
OF_ALERTS = {
    "receipts": "intent_id IN (SELECT intent_id FROM intents WHERE alert_id = ANY(:alerts))",
    "attempts": "intent_id IN (SELECT intent_id FROM intents WHERE alert_id = ANY(:alerts))",
    "intents": "alert_id = ANY(:alerts)",
    "decisions": "alert_id = ANY(:alerts)",
    "acknowledgements": "alert_id = ANY(:alerts)",
    "todos": "alert_id = ANY(:alerts)",
    "hearers": "alert_id = ANY(:alerts)",
    "climbs": "alert_id = ANY(:alerts)",
    "reminders": "alert_id = ANY(:alerts)",
    "revisions": "alert_id = ANY(:alerts)",
    "alerts": "alert_id = ANY(:alerts)",
}
"""An alert's rows, those first that are found by others."""

LONELY = """
    SELECT d.intent_id FROM intents d
    WHERE d.wall_read < :before AND d.revision = 0 AND d.ended_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM intents i WHERE i.merged_into = d.intent_id) LIMIT :most
"""
"""Digests whose alerts are gone."""
OF_NONE = {
    "receipts": f"intent_id IN ({LONELY})",
    "attempts": f"intent_id IN ({LONELY})",
    "intents": f"intent_id IN ({LONELY})",
    "inbox": "event_id IN (SELECT event_id FROM inbox WHERE wall_read < :before LIMIT :most)",
    "silences": "number IN (SELECT number FROM silences WHERE until_at < :before LIMIT :most)",
    "tellings": "told_at < :before",
}


@dataclass(frozen=True)
class Keeping:
    """Deletes what is older than ``years``, by PostgreSQL's time of reading it."""

    engine: AsyncEngine
    years: int
    wall: Clock

    async def prune(self) -> None:
        """Delete all that is too old, batch by batch."""
        before = years_before(self.wall.now(), self.years)
        while await self._batch(before):  # noqa: ASYNC110 a rest, no waiting for anything
            await asyncio.sleep(REST_SECONDS)

    async def _batch(self, before: datetime) -> bool:
        """Delete some; say whether there may be more."""
        gone: dict[str, int] = {}
        async with self.engine.begin() as connection:
            await connection.execute(ALLOWED)
            given = {"before": before, "most": BATCH}
            alerts = list(await connection.scalars(OLD, given))
            for table, which in OF_ALERTS.items() if alerts else ():
                gone[table] = await _delete(connection, table, which, {"alerts": alerts})
            for table, which in OF_NONE.items():
                asked = {k: v for k, v in given.items() if f":{k}" in which}
                gone[table] = gone.get(table, 0) + await _delete(connection, table, which, asked)
        for table, count in gone.items():
            NOTIFY_PRUNED.labels(table).inc(count)
        return any(gone.values())


def years_before(moment: datetime, years: int) -> datetime:
    """Return the moment so many years earlier; 29 February becomes the 28th.

    >>> years_before(datetime(2024, 2, 29), 20), years_before(datetime(2024, 2, 29), 1)
    (datetime.datetime(2004, 2, 29, 0, 0), datetime.datetime(2023, 2, 28, 0, 0))
    """
    year = moment.year - years
    try:
        return moment.replace(year=year)
    except ValueError:
        return moment.replace(year=year, day=28)


async def _delete(
    connection: AsyncConnection, table: str, which: str, given: dict[str, object]
) -> int:
    done: CursorResult[object] = await connection.execute(
        text(f"DELETE FROM {table} WHERE {which}"),  # noqa: S608 both are constants above
        given,
    )
    return done.rowcount
