"""期间 — a trading day, a month or a year, as a report is asked for."""

import re
from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from shared.kernel.trading_day import Calendar, TradingDay

_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


Span = Literal["day", "month", "year"]
_SPANS: Mapping[int, Span] = {10: "day", 7: "month", 4: "year"}
"""How a period is written, in letters → how long it is."""


class NoPeriod(ValueError):
    """What was asked is no trading day, month or year of the calendar."""


@dataclass(frozen=True)
class Period:
    """The trading days of a day, a month or a year; there is at least one.

    >>> from shared.kernel.trading_day import china
    >>> october = Period.read("2026-10", china())
    >>> october.days[0].isoformat(), len(october.days), october.before(china()).text
    ('2026-10-08', 17, '2026-09')
    >>> Period.read("2026-01-05", china()).before(china()).text
    '2025-12-31'
    """

    text: str
    days: Sequence[TradingDay]

    @classmethod
    def read(cls, text: str, calendar: Calendar) -> Self:
        """Read ``2026-06-01``, ``2026-06`` or ``2026``; raises ``NoPeriod``."""
        found = _SHAPE.fullmatch(text)
        if found is None:
            raise NoPeriod(f"{text[:20]}: 2026-06-01, 2026-06 or 2026")
        year, month, day = (int(part) if part else None for part in found.groups())
        try:
            first = date(year or 0, month or 1, day or 1)
            ends = (first.month, monthrange(first.year, first.month)[1]) if month else (12, 31)
            last = first if day else date(first.year, *ends)
        except ValueError:
            raise NoPeriod(f"{text}: no such date") from None
        if first < calendar.first or last > calendar.last:
            raise NoPeriod(f"{text}: outside the trading calendar")
        days = calendar.days[bisect_left(calendar.days, first) : bisect_right(calendar.days, last)]
        if not days:
            raise NoPeriod(f"{text}: no trading day")
        return cls(text, days)

    @property
    def span(self) -> Span:
        return _SPANS[len(self.text)]

    @property
    def first(self) -> TradingDay:
        return self.days[0]

    @property
    def last(self) -> TradingDay:
        return self.days[-1]

    def before(self, calendar: Calendar) -> "Period":
        """Return the trading day, month or year before; raises ``NoPeriod``."""
        width = len(self.text)
        index = bisect_left(calendar.days, self.first) - 1
        if index < 0:
            raise NoPeriod(f"{self.text}: nothing before it in the trading calendar")
        return Period.read(calendar.days[index].isoformat()[:width], calendar)


def ending(day: TradingDay, calendar: Calendar) -> Sequence[Period]:
    """Return the periods of which a trading day is the last: itself, its month, its year.

    >>> from shared.kernel.trading_day import china
    >>> [period.text for period in ending(china().days[-1], china())][0] == f"{china().last}"
    True
    >>> [period.text for period in ending(date(2026, 9, 30), china())]
    ['2026-09-30', '2026-09']
    """
    found = []
    for width in _SPANS:
        try:
            period = Period.read(day.isoformat()[:width], calendar)
        except NoPeriod:  # the calendar ends amid it
            continue
        if period.last == day:
            found.append(period)
    return found
