"""拉来的行 — rows of a table, read one by one; what is over, parted from what is news."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from services.ingest.domain.profiles.fields import DIRECTORY
from services.ingest.domain.profiles.mapping import BeforeCalendar, Mapper
from services.ingest.domain.profiles.record import Record, cells_of, raw_of
from services.ingest.domain.rows import Bad, BadRow, Good, Reading
from services.ingest.domain.source import Context

Rows = list[Good[Any]]


def read_rows(mapper: Mapper, rows: Sequence[Record], context: Context) -> tuple[Reading[Any], int]:
    """Read each row by itself; return with them how many are of days before the calendar.

    Those are neither good nor bad: a table may go back further than anybody can say trading days.
    """
    named = (column.column.strip().lower() for column in mapper.profile.columns.values())
    columns = frozenset(named) - {""}
    good: Rows = []
    bad: list[Bad] = []
    ancient = 0
    for number, row in enumerate(rows, 1):
        try:
            read = mapper.read(cells_of(row, columns), context)
            good.append(Good(number, raw_of(row), read))
        except BeforeCalendar:
            ancient += 1
        except BadRow as failure:
            bad.append(Bad(number, raw_of(row), str(failure)))
    return Reading(tuple(good), tuple(bad)), ancient


def parted(takes: str, rows: Iterable[Good[Any]], since: date | None) -> tuple[Rows, Rows]:
    """Return the rows of trading days before ``since``, and the others; a directory has no days."""
    past: Rows = []
    live: Rows = []
    for good in rows:
        over = since is not None and takes not in DIRECTORY and _day(good.row) < since
        (past if over else live).append(good)
    return past, live


def _day(row: Any) -> date:
    """Return a row's trading day: an event has it in its data."""
    day: date = row.data.trading_day if hasattr(row, "data") else row.day
    return day
