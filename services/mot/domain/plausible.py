"""时间是否可能 — whether an event's day and moments can belong together. Pure.

One event of a far day would stand above all that follows: its account would wait for that day. So an
event that contradicts itself is no fact, whoever sent it; it is a dead letter and changes nothing.
"""  # noqa: E501

from datetime import date, datetime, timedelta, timezone
from typing import Any

from services.mot.domain.events import AccountEvent
from shared.kernel.trading_day import CHINA

AHEAD = timedelta(days=14)  # the night before the longest holiday belongs to the day after it
BEHIND = timedelta(days=400)  # what is told later than that is history: ``backfill``
NEXT = timedelta(days=1)
_EIGHT = timezone(timedelta(hours=8))


def implausible(event: AccountEvent) -> str | None:
    """Return what cannot be, without quoting it; None when nothing is wrong."""
    data: Any = event.data
    day, told = data.trading_day, _day(event.time)
    if day != told:  # nearly always they are the same
        if day > told + AHEAD:
            return "trading_day is long after time"
        if day < told - BEHIND and not data.backfill:
            return "trading_day is long before time, and it is no backfill"
    at = getattr(data, "at", None)
    if at is not None and (on := _day(at)) != day and not day - AHEAD <= on <= day + NEXT:
        return "at is not of trading_day"
    happened = getattr(data, "happened_at", None)
    if happened is not None and (on := _day(happened)) != day and on > day + NEXT:
        return "happened_at is after trading_day"
    return None


def _day(moment: datetime) -> date:
    """Return the date in China; nearly every moment on the wire is told in its time already."""
    return (moment if moment.tzinfo == _EIGHT else moment.astimezone(CHINA)).date()
