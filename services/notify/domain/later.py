"""稍后到什么时候 — what a person may choose: so many minutes, or a moment of the trading calendar.

The hours are the widest of all products: notify does not know what a client trades.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.kernel.sessions import DAY_SEGMENTS
from shared.kernel.trading_day import CHINA, Calendar, OutsideCoverage

LONGEST = timedelta(days=7)
"""How far away a moment may be that is named freely."""
BEFORE_CLOSE = timedelta(minutes=15)
"""So long before the close there is still time to reach a client."""
OPEN, CLOSE = DAY_SEGMENTS[0][0], DAY_SEGMENTS[-1][1]


class Later(StrEnum):
    """The choices, in the order in which they are offered."""

    TEN_MINUTES = "10m"
    HALF_HOUR = "30m"
    HOUR = "1h"
    TWO_HOURS = "2h"
    CLOSE = "close"
    OPEN = "open"


DEFAULT = Later.HALF_HOUR
WORDS: Mapping[Later, str] = {
    Later.TEN_MINUTES: "10 分钟",
    Later.HALF_HOUR: "30 分钟",
    Later.HOUR: "1 小时",
    Later.TWO_HOURS: "2 小时",
    Later.CLOSE: "今天收盘前",
    Later.OPEN: "下一交易日开盘",
}


def moment(later: Later, now: datetime, calendar: Calendar) -> datetime | None:
    """Return when it is over; None: there is no such moment, as today's close in the evening.

    >>> from shared.kernel.trading_day import china
    >>> afternoon = datetime(2026, 9, 30, 14, 0, tzinfo=CHINA)
    >>> [f"{moment(one, afternoon, china()):%m-%d %H:%M}" for one in (Later.CLOSE, Later.OPEN)]
    ['09-30 14:45', '10-08 09:00']
    """
    try:
        return _MOMENTS[later](now, calendar)
    except OutsideCoverage:
        return None


def offered(now: datetime, calendar: Calendar) -> Sequence[tuple[Later, datetime]]:
    """Return what can be chosen now, each with when it would be over."""
    found = ((later, moment(later, now, calendar)) for later in Later)
    return [(later, at) for later, at in found if at is not None]


def latest(now: datetime, calendar: Calendar) -> datetime:
    """Return how late any snooze may end: holidays are longer than what is named freely."""
    return max(now + LONGEST, moment(Later.OPEN, now, calendar) or now)


def _after(minutes: int) -> Callable[[datetime, Calendar], datetime | None]:
    return lambda now, calendar: now + timedelta(minutes=minutes)


def _before_close(now: datetime, calendar: Calendar) -> datetime | None:
    """Today's, by the date in China: a night's sessions end at several times."""
    today = now.astimezone(CHINA).date()
    at = datetime.combine(today, CLOSE, CHINA) - BEFORE_CLOSE
    return at if calendar.is_trading_day(today) and now < at else None


def _next_open(now: datetime, calendar: Calendar) -> datetime | None:
    """The coming morning of trading: a night session is no time to ask a client."""
    today = now.astimezone(CHINA).date()
    at = _opens(calendar.on_or_after(today))
    return at if now < at else _opens(calendar.after(today))


def _opens(day: date) -> datetime:
    return datetime.combine(day, OPEN, CHINA)


_MOMENTS: Mapping[Later, Callable[[datetime, Calendar], datetime | None]] = {
    Later.TEN_MINUTES: _after(10),
    Later.HALF_HOUR: _after(30),
    Later.HOUR: _after(60),
    Later.TWO_HOURS: _after(120),
    Later.CLOSE: _before_close,
    Later.OPEN: _next_open,
}
