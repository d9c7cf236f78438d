"""未收市 — which trading days are over although nothing has closed them."""

from datetime import date, datetime

from shared.kernel.trading_day import Calendar


def days_open(calendar: Calendar, closed: date, now: datetime) -> int:
    """Count the trading days after ``closed`` that are over: a day is, when its night has begun.

    >>> from shared.kernel.trading_day import CHINA, china
    >>> noon, night = (datetime(2026, 9, 30, hour, 30, tzinfo=CHINA) for hour in (12, 21))
    >>> [days_open(china(), date(2026, 9, 29), at) for at in (noon, night)]
    [0, 1]
    >>> days_open(china(), date(2026, 9, 30), datetime(2026, 10, 7, 12, tzinfo=CHINA))  # a holiday
    0
    """
    return max(0, calendar.distance(closed, calendar.at(now)) - 1)
