"""分区 — one partition a month of each dated table, made before the month's first row."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.profile.domain.table import Row

LOCK = text("SELECT pg_advisory_xact_lock(1735748160)")  # one maker at a time
THERE = text("SELECT to_regclass(:name) IS NOT NULL")
Month = tuple[str, date]


class Partitions:
    """Remembers which are there. Readers are not kept waiting while one is made."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        self._known: set[Month] = set()

    async def make_for(self, rows: Iterable[Row]) -> None:
        """Make what rows need, in a transaction of its own."""
        needed = {month for row in rows if (month := month_of(row)) is not None}
        for table, first in sorted(needed - self._known):
            await self._make(table, first)
            self._known.add((table, first))

    def forget(self) -> None:
        """Look again which are there: the tables were exchanged."""
        self._known.clear()

    async def make_all(self, table: str, names: Iterable[str]) -> None:
        """Make the partitions of a table by their names."""
        for name in sorted(names):
            year, month = name.removeprefix(f"{table}_").split("_")
            await self._make(table, date(int(year), int(month), 1))

    async def _make(self, table: str, first: date) -> None:
        name = f"{table}_{first:%Y_%m}"
        async with self._database.begin() as connection:
            await connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            await connection.execute(LOCK)
            if await connection.scalar(THERE, {"name": name}):
                return
            await connection.execute(text(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)"))
            await connection.execute(
                text(
                    f"ALTER TABLE {table} ATTACH PARTITION {name}"
                    f" FOR VALUES FROM ('{first}') TO ('{following(first)}')"
                )
            )


def month_of(row: Row) -> Month | None:
    """Return the table and the first day of the month that a row belongs to."""
    if not row.table.dated:
        return None
    day: date = row.values["trading_day"]
    return row.table.name, day.replace(day=1)


def following(first: date) -> date:
    """Return the first day of the next month.

    >>> following(date(2026, 12, 1)).isoformat()
    '2027-01-01'
    """
    return (first + timedelta(days=31)).replace(day=1)
