"""The days and moments of one play: a live trading day, what came before and what comes after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from shared.kernel.trading_day import CHINA, Calendar, OutsideCoverage, TradingDay

EARLY_CLOSE = time(17, 30)  # when the files of a day without a live stream arrive
CURTAIN_UP = time(20, 45)  # before the call auction of the night session
MORNING, AFTERNOON = time(8, 30), time(15, 30)
NIGHT = timedelta(hours=5, minutes=50)  # to the last close, 02:30
IDLE_MINUTES = 10
MINUTE = timedelta(minutes=1)
SESSIONS = (("20:45", "23:00"), ("08:58", "11:30"), ("13:30", "15:02"))
_EVENING_HOUR, _SMALL_HOUR = 20, 4
WARNED, REMINDED = 10, 3  # trading days before the judgement day
HISTORY = 5  # settled days before the play's: a week, and the day just outside it
SILENCES = (("11:09", "11:14"), ("14:52", "14:58"))
"""When nothing at all comes from the source, in open hours: a gap of four minutes, one of five."""


class Coming(NamedTuple):
    """The judgement day that is coming, seen after a day's close, and the trading days left."""

    judgement: TradingDay
    left: int


class Unplayable(ValueError):
    """The calendar has no such play: not a trading day, or too near to its edge."""


@dataclass(frozen=True)
class Stage:
    """A play about the trading day ``day``; its files arrive at ``settles`` (Shanghai)."""

    day: TradingDay
    calendar: Calendar
    settles: time = time(22, 30)

    def __post_init__(self) -> None:
        try:
            trades = self.calendar.is_trading_day(self.day)
            _ = self.eve, [self.coming(close) for close in self.closings]
        except OutsideCoverage as why:
            raise Unplayable(f"{self.day} cannot be played: {why}") from None
        if not trades:
            raise Unplayable(f"{self.day} is not a trading day")

    @cached_property
    def history(self) -> tuple[TradingDay, ...]:
        """The settled days before, oldest first: enough for a week's loss."""
        return tuple(self.calendar.before(self.day, n) for n in range(HISTORY, 0, -1))

    @cached_property
    def eve(self) -> TradingDay:
        """The day before all that: the openings of the first settled day are its closes."""
        return self.calendar.before(self.history[0])

    @property
    def next(self) -> TradingDay:
        return self.calendar.after(self.day)

    @cached_property
    def epilogue(self) -> tuple[TradingDay, ...]:
        """The days settled after: to the reminder, when the judgement day is near."""
        coming = self.coming(self.day)
        if coming.left > WARNED:
            return ()
        days = [self.next]
        while days[-1] < coming.judgement and self.coming(days[-1]).left > REMINDED:
            days.append(self.calendar.after(days[-1]))
        return tuple(days)

    @cached_property
    def closings(self) -> tuple[TradingDay, ...]:
        """Every day that is settled in this play, in order."""
        return (*self.history, self.day, *self.epilogue)

    def on(self, offset: int) -> TradingDay:
        """Return the trading day that many days from the play's day."""
        if offset < 0:
            return self.calendar.before(self.day, -offset)
        return self.calendar.after(self.day, offset) if offset else self.day

    def coming(self, close: date) -> Coming:
        """Return the judgement day that is ahead when ``close`` has been settled."""
        judgement = self.calendar.judgement_day(self.calendar.after(close))
        return Coming(judgement, self.calendar.distance(close, judgement))

    @cached_property
    def passed(self) -> TradingDay:
        """The judgement day most recently passed, the play's day included."""
        own = self.calendar.judgement_day(self.day.replace(day=1))
        if own <= self.day:
            return own
        return self.calendar.judgement_day((self.day.replace(day=1) - MINUTE * 1440).replace(day=1))

    @cached_property
    def silences(self) -> tuple[tuple[datetime, datetime], ...]:
        """From when to when the source says nothing, in order."""
        return tuple((self.moment(begin), self.moment(end)) for begin, end in SILENCES)

    def heard(self, at: datetime) -> datetime:
        """Return when the source was last heard: it speaks every minute but in the silences."""
        return next((begin for begin, end in self.silences if begin < at < end), at)

    @cached_property
    def has_night(self) -> bool:
        """Say whether the day began with a night session: not after a statutory holiday."""
        return self.history[-1] not in self.calendar.no_night

    @cached_property
    def sessions(self) -> tuple[tuple[datetime, datetime], ...]:
        """When most products trade, from the call auction on, in order."""
        held = SESSIONS if self.has_night else SESSIONS[1:]
        return tuple((self.moment(begin), self.moment(end)) for begin, end in held)

    def ticks(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Yield every minute in which the exchanges are open or about to be, else every tenth."""
        at = begin
        while at <= end:
            if at.minute % IDLE_MINUTES == 0 or self._is_open(at):
                yield at
            at += MINUTE

    def _is_open(self, at: datetime) -> bool:
        by_day = clock(self.day, MORNING) <= at <= clock(self.day, AFTERNOON)
        return by_day or (self.has_night and self.curtain_up <= at <= self.curtain_up + NIGHT)

    @property
    def curtain_up(self) -> datetime:
        """The first moment of the day's stream."""
        if self.has_night:
            return clock(self.history[-1], CURTAIN_UP)
        return clock(self.day, MORNING)

    @property
    def curtain_down(self) -> datetime:
        """The first moment of the next day's stream."""
        if self.day in self.calendar.no_night:
            return clock(self.next, MORNING)
        return clock(self.day, CURTAIN_UP)

    def settled_at(self, day: date) -> datetime:
        """Return when a day's files arrive."""
        return clock(day, self.settles if day == self.day else EARLY_CLOSE)

    def moment(self, at: str) -> datetime:
        """Read ``21:05`` (the evening before), ``00:45``, ``10:15:30``, ``+1 09:05`` (next day).

        Without a night session its moments are played twelve hours later, in the same order.
        """
        offset, _, hours = at.rpartition(" ")
        wanted = time.fromisoformat(hours)
        if offset:
            return clock(self.on(int(offset)), wanted)
        if wanted.hour >= _EVENING_HOUR:
            night = clock(self.history[-1], wanted)
        elif wanted.hour < _SMALL_HOUR:
            night = clock(self.history[-1] + timedelta(days=1), wanted)
        else:
            return clock(self.day, wanted)
        if self.has_night:
            return night
        return clock(self.day, (night + timedelta(hours=12)).timetz().replace(tzinfo=None))

    def serial(self, account: str, at: str, on: int = 0) -> str:
        """Return 流水号 of what an account did at a moment, on the trading day that far away."""
        return f"{self.on(on):%Y%m%d}-{account}-{self.moment(at):%H%M%S}"


def clock(day: date, at: time) -> datetime:
    """Return a moment in Shanghai.

    >>> clock(date(2026, 6, 1), time(9, 30)).isoformat()
    '2026-06-01T09:30:00+08:00'
    """
    return datetime.combine(day, at, CHINA)


def year_before(day: date, days: int = 0) -> date:
    """Return the same date a year before, and so many days later.

    >>> year_before(date(2026, 6, 15), days=-1).isoformat()
    '2025-06-14'
    """
    return day.replace(year=day.year - 1) + timedelta(days=days)
