"""What the readers of a statement's tables share: whose it is, and what a table came to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from services.ingest.domain.rows import BadRow, calendar_date
from services.ingest.domain.source import Context
from services.ingest.domain.statements.drafts import Draft
from services.ingest.domain.statements.layout import Layout, Table
from services.ingest.domain.statements.text import Line
from shared.kernel.trading_day import TradingDay

R = TypeVar("R")
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Whose:
    """The head of a statement: its account, day and layout."""

    account: str
    day: TradingDay
    layout: Layout
    context: Context


@dataclass(frozen=True)
class Row(Generic[R]):
    """A row that means something, and the line it stands on."""

    line: Line
    row: R


@dataclass(frozen=True)
class Part(Generic[R]):
    """A table's rows. ``whole``: it lacks none of them, so that what is not there is not so."""

    rows: tuple[Row[R], ...] = ()
    whole: bool = True

    def each(self) -> Iterable[R]:
        """Return the rows themselves."""
        return (row.row for row in self.rows)


def part(draft: Draft, table: Table, read: Callable[[Cells], R]) -> Part[R]:
    """Read a table's rows; a statement without the table has none of them."""
    page = draft.tables.get(table.title)
    if page is None:
        return Part()
    rows: list[Row[R]] = []
    for line, cells in page.rows:
        try:
            rows.append(Row(line, read(cells)))
        except BadRow as failure:
            draft.spoil(table.title, line, f"{table.title} {failure}")
    return Part(tuple(rows), page.whole)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts in 元."""
    return sum(amounts, Decimal(0))


def own_day(cells: Cells, place: str, whose: Whose) -> date:
    """Return the date of a row: a night's may be the evening before, none is from a later day."""
    told = calendar_date(cells[place], place) if cells.get(place) else whose.day
    if told > whose.day:
        raise BadRow(place, f"{told} is after the statement's day {whose.day}")
    return told
