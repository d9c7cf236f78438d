"""映射 — one row of a broker's table, read by its profile into the row a handler takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.ingest.domain.profiles import day_rows, live_rows
from services.ingest.domain.profiles.fields import DIRECTORY
from services.ingest.domain.profiles.profile import Column, Profile
from services.ingest.domain.profiles.values import Value, value_of
from services.ingest.domain.rows import BadRow
from services.ingest.domain.source import ByRow, Cells, Context
from services.ingest.domain.sources import catalogue
from shared.kernel.trading_day import OutsideCoverage, TradingDay

MOMENTS = ("happened_at", "executed_at", "at")


class BeforeCalendar(BadRow):
    """The row is of a day before the calendar begins: nothing can be told of it."""


DayRow = Callable[[str, TradingDay, Mapping[str, Value]], Any]

_LIVE: Mapping[str, live_rows.Make] = {
    "funds": live_rows.moved,
    "snapshots": live_rows.snapshotted,
    "executions": live_rows.executed,
    "holdings": live_rows.held,
    "forced-orders": live_rows.ordered,
}
_OF_A_DAY: Mapping[str, Callable[[TradingDay, Mapping[str, Value]], Any]] = {
    "funds-of-day": day_rows.moved,
    "balances": day_rows.settled,
    "trades": day_rows.traded,
    "trades-of-day": day_rows.traded,
    "positions-of-day": day_rows.held,
}


@dataclass(frozen=True)
class Mapper:
    """Reads rows by a profile. ``origin``: how they reach us, ``file`` or ``pull``."""

    profile: Profile
    broker: str
    origin: str = "file"

    def read(self, cells: Cells, context: Context) -> Any:
        """Return the row a handler of this kind takes; raises ``BadRow``."""
        takes = self.profile.takes
        if takes in DIRECTORY:
            return self._directory(cells, context)
        values = self._values(cells)
        day = trading_day(values, context)
        if takes in _LIVE:
            teller = live_rows.Origin(self.broker, self.profile.name, self.origin)
            return live_rows.event(_LIVE[takes], teller, day, values)
        return _OF_A_DAY[takes](day, values)

    def _values(self, cells: Cells) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name, column in self.profile.columns.items():
            text, field = self._text(column, cells), self.profile.kind.fields[name]
            if text:
                values[name] = _signed(value_of(field, column, text), column)
            elif field.required:
                raise BadRow(column.column, "missing")
        return values

    def _directory(self, cells: Cells, context: Context) -> Any:
        named: dict[str, str] = {}
        for name, column in self.profile.columns.items():
            text = self._text(column, cells)
            if column.values and text and text not in column.values:
                raise BadRow(column.column, "not in values")
            named[name] = column.values.get(text, text)
        source = catalogue()[self.profile.takes]
        if not isinstance(source, ByRow):
            raise TypeError(f"{source.name} is not read row by row")
        return source.read(named, context)

    def _text(self, column: Column, cells: Cells) -> str:
        text = column.value or cells.get(column.column.strip().lower(), "").strip()
        return "" if text in self.profile.empty else text


def _signed(value: Value, column: Column) -> Value:
    """Return an amount of which above zero is a deposit, whatever the broker's sign says."""
    return -value if column.positive == "withdrawal" and isinstance(value, Decimal) else value


def trading_day(values: Mapping[str, Value], context: Context) -> TradingDay:
    """Return the row's trading day: its own, its file's, or that of its moment."""
    told = values.get("trading_day")
    day = told if isinstance(told, date) else context.day
    try:
        if day is None:
            return context.calendar.at(_moment(values))
        known = context.calendar.is_trading_day(day)
    except OutsideCoverage as failure:
        early = (day or _moment(values).date()) < context.calendar.first
        raise (BeforeCalendar if early else BadRow)("trading_day", str(failure)) from None
    if not known:
        raise BadRow("trading_day", f"{day} is not a trading day")
    if context.day is not None and day != context.day:
        raise BadRow("trading_day", f"{day} is not the file's day {context.day}")
    return TradingDay(day)


def _moment(values: Mapping[str, Value]) -> datetime:
    found = next((values[name] for name in MOMENTS if name in values), None)
    if not isinstance(found, datetime):
        raise BadRow("trading_day", "neither the row, its moment nor its file's name tells it")
    return found
