"""计时 — how many minutes have counted between two moments, and when so many will have.

A calendar says of each date, in Asia/Shanghai, the spans of that date in which it applies. A minute
counts while all calendars apply.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from services.notify.domain.ladder import DutyHours
from services.notify.domain.muting import Silence
from services.notify.domain.policy import QuietHours
from shared.kernel.sessions import DAY_SEGMENTS, NIGHT_BEGIN, NIGHT_END
from shared.kernel.trading_day import CHINA, Calendar, OutsideCoverage

DAY = timedelta(days=1)
HORIZON = 60  # dates; no holidays are that long, and beyond it an alert is no news


class Span(NamedTuple):
    """From the first moment up to, not including, the last."""

    begin: datetime
    end: datetime


Applies = Callable[[date], Sequence[Span]]
Piece = tuple[time, time | None]
"""From, and until; None: midnight."""


def counted(calendars: Sequence[Applies], begin: datetime, end: datetime) -> timedelta:
    """Return how much of the time between two moments counted."""
    spans = _between(calendars, begin, end)
    return sum((span.end - span.begin for span in spans), timedelta())


def over_at(calendars: Sequence[Applies], begin: datetime, needed: timedelta) -> datetime:
    """Return when so much will have counted since ``begin``; what never counts, at the horizon."""
    left, horizon = needed, begin + HORIZON * DAY
    if left <= timedelta():
        return begin
    for span in _between(calendars, begin, horizon):
        if span.end - span.begin >= left:
            return span.begin + left
        left -= span.end - span.begin
    return horizon


def awake(quiet: QuietHours) -> Applies:
    """Outside 免打扰."""
    pieces: list[Piece] = [(quiet.end, quiet.begin)]
    if quiet.begin <= quiet.end:
        pieces = [(time(), quiet.begin), (quiet.end, None)]
    return lambda day: _spans(day, pieces)


def on_duty(hours: DutyHours, calendar: Calendar) -> Applies:
    """员工在岗时间, on trading days."""

    def applies(day: date) -> Sequence[Span]:
        known = _known(calendar, day)
        if known is None or known:
            return _spans(day, ((hours.begin, hours.end),))
        return ()

    return applies


def trading(calendar: Calendar) -> Applies:
    """交易时段, the widest of all products.

    Beyond the calendar's coverage every minute counts: rather one call too many than silence.
    """

    def applies(day: date) -> Sequence[Span]:
        today, before = _known(calendar, day), _known(calendar, day - DAY)
        if today is None or before is None:
            return whole(day)
        pieces: list[Piece] = []
        if before and (day - DAY) not in calendar.no_night:
            pieces.append((time(), NIGHT_END))
        if today:
            pieces += DAY_SEGMENTS
            pieces += [] if day in calendar.no_night else [(NIGHT_BEGIN, None)]
        return _spans(day, pieces)

    return applies


def apart_from(silences: Iterable[Silence]) -> Applies:
    """Outside 静音: what is kept quiet is not overdue."""
    muted = [Span(one.begin, one.until) for one in silences]

    def applies(day: date) -> Sequence[Span]:
        left = whole(day)
        for span in muted:
            left = [piece for free in left for piece in _without(free, span)]
        return left

    return applies


def whole(day: date) -> Sequence[Span]:
    """All of the day."""
    return _spans(day, ((time(), None),))


def _known(calendar: Calendar, day: date) -> bool | None:
    try:
        return calendar.is_trading_day(day)
    except OutsideCoverage:
        return None


def _spans(day: date, pieces: Sequence[Piece]) -> Sequence[Span]:
    midnight = datetime.combine(day + DAY, time(), CHINA)
    found = (
        Span(
            datetime.combine(day, begin, CHINA),
            midnight if end is None else datetime.combine(day, end, CHINA),
        )
        for begin, end in pieces
    )
    return [span for span in found if span.begin < span.end]


def _between(calendars: Sequence[Applies], begin: datetime, end: datetime) -> Iterator[Span]:
    """Yield, in order, the spans between two moments in which all calendars apply."""
    begin, end = begin.astimezone(CHINA), end.astimezone(CHINA)
    day = begin.date()
    while day <= end.date():
        spans = whole(day)
        for calendar in calendars:
            spans = _common(spans, calendar(day))
        for span in spans:
            cut = Span(max(span.begin, begin), min(span.end, end))
            if cut.begin < cut.end:
                yield cut
        day += DAY


def _without(free: Span, span: Span) -> Sequence[Span]:
    pieces = (
        Span(free.begin, min(free.end, span.begin)),
        Span(max(free.begin, span.end), free.end),
    )
    whole_of_it = span.end <= span.begin  # ended before it began
    return (free,) if whole_of_it else [piece for piece in pieces if piece.begin < piece.end]


def _common(some: Sequence[Span], others: Sequence[Span]) -> Sequence[Span]:
    both = (Span(max(a.begin, b.begin), min(a.end, b.end)) for a in some for b in others)
    return [span for span in both if span.begin < span.end]
