"""看日历 — a service says how far its trading calendar reaches, and warns before it ends."""

from datetime import date

from shared.kernel.trading_day import Calendar
from shared.observability.logging import logger
from shared.observability.metrics import CALENDAR_DAYS_LEFT, CALENDAR_IN_USE

SOON = 40  # trading days; the exchanges announce a year about that long before it begins
REMEDY = "enter the next year in a calendar file, or upgrade: docs/operations/calendar.md"


class CalendarWatch:
    """Keeps the gauges, and warns once a day when fewer than ``SOON`` trading days are known."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._warned: date | None = None
        CALENDAR_IN_USE.labels(calendar.version).set(1)

    def look(self, today: date) -> None:
        """Look from a day, as often as one likes."""
        left = self._calendar.days_left(today)
        CALENDAR_DAYS_LEFT.set(left)
        if left >= SOON or (self._warned is not None and today <= self._warned):
            return
        self._warned = today
        logger().warning(
            "the trading calendar ends soon" if left else "the trading calendar has ended",
            days_left=left,
            last=f"{self._calendar.last}",
            calendar=self._calendar.version,
            remedy=REMEDY,
        )
