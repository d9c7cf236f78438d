"""已知 — what an account's statements of a day have said, so that each thing is told once.

What one source tells and another does not is no difference between them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec

from services.ingest.domain.dealt import CloseOutRow, DayRow, DeliveryRow, HoldingRow, TradeRow
from services.ingest.domain.fact import digest
from services.ingest.domain.replacement import content as funds_of
from services.ingest.domain.rows import Good
from services.ingest.domain.settlement import Figures, read
from services.ingest.domain.statements.parts import Part
from services.ingest.domain.statements.statement import Statement

D = TypeVar("D", bound=DayRow)
Rows = dict[str, str]
"""Name → content of the rows that were told."""

NEWS = ("commission", "traded_lots", "position_lots")
"""Figures that are told when a day that is settled already did not have them."""

KINDS: Mapping[str, type[DayRow]] = {
    "trddata": TradeRow,
    "opttrddata": TradeRow,
    "liquiddetails": CloseOutRow,
    "optliquiddetails": CloseOutRow,
    "delivdetails": DeliveryRow,
    "holddata": HoldingRow,
    "optholddata": HoldingRow,
}
"""The files of CFMMC that say the same as a statement's tables, and hold the rows it told."""


class Known(msgspec.Struct):
    """What is known of one account's day. ``seen``: layout → digest of its newest statement."""

    seen: dict[str, str] = {}
    rows: dict[str, Rows] = {}


class Last(msgspec.Struct):
    """The newest day of which an account's statement is in, and the lots it held then."""

    day: str = ""
    lots: int = 0


def digest_of(statement: Statement) -> str:
    """Return what the statement says, whatever page or file it stands in."""
    tables: tuple[Part[Any], ...] = (
        statement.funds,
        statement.trades,
        statement.closed,
        statement.held,
        statement.delivered,
    )
    said = [(table.whole, *(repr(row) for row in table.each())) for table in tables]
    return digest([statement.figures, *said])


@dataclass(frozen=True)
class Table:
    """The rows of a statement that one kind of file would tell. ``whole``: it has them all."""

    rows: list[Good[DayRow]]
    whole: bool


def tables_of(statement: Statement) -> dict[str, Table]:
    """Return the statement's rows by the kind of file that would tell them; options apart."""
    trades, closed = _split(statement.trades), _split(statement.closed)
    held = _split(statement.held)
    delivered = [good for part in _split(statement.delivered) for good in part.rows]
    return {
        "trddata": trades[0],
        "opttrddata": trades[1],
        "liquiddetails": closed[0],
        "optliquiddetails": closed[1],
        "holddata": held[0],
        "optholddata": held[1],
        "delivdetails": Table(delivered, statement.delivered.whole),
    }


def _split(part: Part[Any]) -> tuple[Table, Table]:
    """Return the futures and the options of a table."""
    rows: list[Good[DayRow]] = [Good(r.line.number, r.line.raw, r.row) for r in part.rows]
    futures = [good for good in rows if getattr(good.row, "option", None) is None]
    options = [good for good in rows if getattr(good.row, "option", None) is not None]
    return Table(futures, part.whole), Table(options, part.whole)


def completed(row: D, known: str | None) -> D:
    """Return the row with what an earlier statement said besides: 盯市 and 逐笔 profits."""
    if known is None:
        return row
    before = msgspec.json.decode(known, type=type(row))
    missing = [name for name in row.__struct_fields__ if getattr(row, name) is None]
    return msgspec.structs.replace(row, **{name: getattr(before, name) for name in missing})


def over(figures: Figures, before: str | None) -> Figures | None:
    """Return the figures to be told over those of a day that is settled, or None: nothing new."""
    if before is None:
        return figures
    known = read(figures.row.account, before)
    row = figures.row
    if row.opening_equity is None:
        row = replace(row, opening_equity=known.row.opening_equity)
    if funds_of(row) != funds_of(known.row):
        return Figures(row, figures.more)
    if not _news(known.more, figures.more):
        return None
    return Figures(row, {**known.more, **figures.more})


def _news(known: Mapping[str, int], told: Mapping[str, int]) -> bool:
    return any(
        known.get(name, value) != value or (name in NEWS and name not in known)
        for name, value in told.items()
    )
