"""交易日 — the only business date. It comes from a source or the calendar, never from the wall."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import NewType, Self
from zoneinfo import ZoneInfo

import msgspec

from shared.kernel.hours import Timetable, timetable

TradingDay = NewType("TradingDay", date)

CHINA = ZoneInfo("Asia/Shanghai")
EVENING = time(
    20, 0
)  # from the evening's call auction on, a moment belongs to the next trading day
JUDGEMENT_DAY_OF_MONTH = 15  # 休眠认定日, CFMMC circular on 常态化休眠账户


def longest(count: int) -> timedelta:
    """Return a span of dates that ``count`` trading days never exceed; it needs no calendar.

    No span has more than thirty days of holidays, weekends left aside.
    """
    return timedelta(days=2 * count + 30)


class OutsideCoverage(ValueError):
    """The calendar was asked about a day it does not know: it never guesses."""


@dataclass(frozen=True, repr=False)
class Calendar:
    """The exchange's trading days between two dates, as versioned data.

    ``days`` are all trading days from ``first`` to ``last``; ``no_night`` are trading days whose
    evening has no night session (the evenings before statutory holidays). ``version`` names the
    data, an operator's changes included: alerts carry it. ``timetable``: the products' hours.
    """

    version: str
    first: date
    last: date
    days: tuple[TradingDay, ...]
    no_night: frozenset[date]
    timetable: Timetable = field(default_factory=Timetable)

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """Read ``{version, first, last, closed: [weekday holidays], no_night: [...]}``."""
        data = msgspec.json.decode(raw, type=_CalendarFile)
        closed, span = set(data.closed), (data.last - data.first).days + 1
        every = (data.first + timedelta(days=n) for n in range(span))
        days = tuple(TradingDay(d) for d in every if d.weekday() < 5 and d not in closed)  # noqa: PLR2004 Mon-Fri
        return cls(data.version, data.first, data.last, days, frozenset(data.no_night))

    def is_trading_day(self, day: date) -> bool:
        """Say whether the exchanges trade on this date.

        >>> china().is_trading_day(date(2026, 10, 10))  # a make-up working Saturday
        False
        """
        index = bisect_left(self.days, self._known(day))
        return index < len(self.days) and self.days[index] == day

    def on_or_after(self, day: date) -> TradingDay:
        """Return the day itself when it is a trading day, else the next one."""
        return self._at(bisect_left(self.days, self._known(day)), day)

    def after(self, day: date, count: int = 1) -> TradingDay:
        """Return the ``count``-th trading day after a date.

        >>> china().after(date(2026, 9, 30)).isoformat()
        '2026-10-08'
        """
        return self._at(bisect_right(self.days, self._known(day)) + count - 1, day)

    def before(self, day: date, count: int = 1) -> TradingDay:
        """Return the ``count``-th trading day before a date."""
        return self._at(bisect_left(self.days, self._known(day)) - count, day)

    def distance(self, start: date, end: date) -> int:
        """Count the trading days after ``start`` up to and including ``end``.

        >>> china().distance(date(2026, 6, 1), date(2026, 6, 15))
        10
        """
        return bisect_right(self.days, self._known(end)) - bisect_right(
            self.days, self._known(start)
        )

    def judgement_day(self, day: date) -> TradingDay:
        """休眠认定日 — the coming one seen from ``day`` (itself included): the 15th, deferred.

        >>> china().judgement_day(date(2026, 6, 1)).isoformat()
        '2026-06-15'
        >>> china().judgement_day(date(2026, 8, 15)).isoformat()  # a Saturday, deferred
        '2026-08-17'
        """
        this_month = self.on_or_after(day.replace(day=JUDGEMENT_DAY_OF_MONTH))
        if day <= this_month:
            return this_month
        next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=JUDGEMENT_DAY_OF_MONTH)
        return self.on_or_after(next_month)

    def at(self, moment: datetime) -> TradingDay:
        """Return the trading day a moment belongs to: a night session belongs to the next one.

        >>> friday_night = datetime(2026, 5, 29, 21, 5, tzinfo=CHINA)
        >>> china().at(friday_night).isoformat(), china().at(friday_night + timedelta(hours=5)).isoformat()
        ('2026-06-01', '2026-06-01')
        """  # noqa: E501 a doctest is one line
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone has no trading day")
        local = moment.astimezone(CHINA)
        if local.time() >= EVENING:
            return self.after(local.date())
        return self.on_or_after(local.date())

    def days_left(self, day: date) -> int:
        """Count the trading days still known after ``day``; 0 means: extend the calendar now."""
        return len(self.days) - bisect_right(self.days, day)

    def _known(self, day: date) -> TradingDay:
        if not self.first <= day <= self.last:
            raise OutsideCoverage(
                f"{day} is outside calendar {self.version} ({self.first} to {self.last})"
            )
        return TradingDay(day)

    def _at(self, index: int, asked: date) -> TradingDay:
        if not 0 <= index < len(self.days):
            raise OutsideCoverage(
                f"no trading day known that far from {asked} in calendar {self.version}"
            )
        return self.days[index]

    def __repr__(self) -> str:
        return f"Calendar({self.version}, {self.first}..{self.last})"


class _CalendarFile(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    first: date
    last: date
    closed: Sequence[date]
    no_night: Sequence[date]


@cache
def china() -> Calendar:
    """Return the calendar shipped with this release (all Chinese futures exchanges share it)."""
    days = files("shared.kernel").joinpath("calendar.json").read_bytes()
    return replace(Calendar.from_json(days), timetable=timetable())
