"""交易时段 — when the exchanges trade, in Asia/Shanghai: the widest hours, and each product's.

The widest: 09:00–10:15, 10:30–11:30, 13:30–15:00; at night 21:00–02:30, on evenings before a trading
day that has a night session (the evenings before statutory holidays have none).
"""  # noqa: E501

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from shared.kernel.hours import Segment
from shared.kernel.trading_day import CHINA, Calendar, OutsideCoverage

DAY_SEGMENTS = (
    (time(9, 0), time(10, 15)),
    (time(10, 30), time(11, 30)),
    (time(13, 30), time(15, 0)),
)
NIGHT_BEGIN, NIGHT_END = time(21, 0), time(2, 30)


def segment_start(moment: datetime, calendar: Calendar) -> datetime | None:
    """Return when the trading segment that holds the moment began; None outside trading hours.

    >>> from shared.kernel.trading_day import china
    >>> segment_start(datetime(2026, 6, 1, 10, 31, tzinfo=CHINA), china()).strftime("%H:%M")
    '10:30'
    >>> segment_start(datetime(2026, 5, 30, 1, 0, tzinfo=CHINA), china()).isoformat()
    '2026-05-29T21:00:00+08:00'
    >>> segment_start(datetime(2026, 6, 1, 12, 0, tzinfo=CHINA), china())
    """
    local = moment.astimezone(CHINA)
    clock, today = local.time(), local.date()
    if clock >= NIGHT_BEGIN or clock < NIGHT_END:
        evening = today if clock >= NIGHT_BEGIN else today - timedelta(days=1)
        trades = calendar.is_trading_day(evening)
        night = trades and evening not in calendar.no_night
        return datetime.combine(evening, NIGHT_BEGIN, CHINA) if night else None
    if not calendar.is_trading_day(today):
        return None
    begun = (begin for begin, end in DAY_SEGMENTS if begin <= clock < end)
    return next((datetime.combine(today, begin, CHINA) for begin in begun), None)


class Session(NamedTuple):
    """One stretch of trading, from the first moment up to, not including, the last."""

    begin: datetime
    end: datetime

    def __contains__(self, moment: object) -> bool:
        return isinstance(moment, datetime) and self.begin <= moment < self.end


def sessions(day: date, product: str, calendar: Calendar) -> tuple[Session, ...]:
    """Return a trading day's sessions of a product, the night of the evening before it first.

    Raises ``UnknownProduct``, and ``OutsideCoverage``; a day without trading has none.

    >>> from shared.kernel.trading_day import china
    >>> [f"{s.begin:%d %H:%M}-{s.end:%d %H:%M}" for s in sessions(date(2026, 6, 1), "cu", china())]
    ['29 21:00-30 01:00', '01 09:00-01 10:15', '01 10:30-01 11:30', '01 13:30-01 15:00']
    """
    hours = calendar.timetable.of(product, day)
    if not calendar.is_trading_day(day):
        return ()
    by_day = tuple(_session(day, part) for part in hours.day)
    evening = evening_before(day, calendar) if hours.night else None
    if hours.night is None or evening is None:
        return by_day
    return (_session(evening, hours.night), *by_day)


def trades_at(moment: datetime, product: str, calendar: Calendar) -> bool:
    """Say whether a product trades at this moment; auctions do not count.

    >>> from shared.kernel.trading_day import china
    >>> night = datetime(2026, 5, 30, 0, 30, tzinfo=CHINA)
    >>> [trades_at(night, product, china()) for product in ("au", "cu", "rb", "IF")]
    [True, True, False, False]
    """
    return any(moment in session for session in sessions(calendar.at(moment), product, calendar))


def opening(day: date, product: str, calendar: Calendar) -> datetime | None:
    """Return when a product's trading day begins, often the evening before; None: no trading."""
    found = sessions(day, product, calendar)
    return found[0].begin if found else None


def closing(day: date, product: str, calendar: Calendar) -> datetime | None:
    """Return when a product's trading day ends; None: no trading."""
    found = sessions(day, product, calendar)
    return found[-1].end if found else None


def next_open(moment: datetime, product: str, calendar: Calendar) -> datetime:
    """Return when a product next begins to trade, the moment itself included.

    Raises ``OutsideCoverage`` when that is not known.

    >>> from shared.kernel.trading_day import china
    >>> next_open(datetime(2026, 9, 30, 15, 0, tzinfo=CHINA), "au", china()).isoformat()
    '2026-10-08T09:00:00+08:00'
    """
    day = calendar.on_or_after(moment.astimezone(CHINA).date())
    while True:
        begins = (session.begin for session in sessions(day, product, calendar))
        if (found := next((begin for begin in begins if begin >= moment), None)) is not None:
            return found
        day = calendar.after(day)


def evening_before(day: date, calendar: Calendar) -> date | None:
    """Return the evening whose night session belongs to a trading day; None: it has none."""
    try:
        evening = calendar.before(day)
    except OutsideCoverage:
        return None  # the first day known follows a holiday: coverage begins with a year
    return None if evening in calendar.no_night else evening


def _session(day: date, part: Segment) -> Session:
    begin = datetime.combine(day, part.begin, CHINA)
    last = day if part.end > part.begin else day + timedelta(days=1)
    return Session(begin, datetime.combine(last, part.end, CHINA))
