"""前瞻 — the rules that look ahead, and whether the calendar reaches as far as they look.

A rule whose coming day lies beyond the calendar judges nothing: that is said once a trading day,
and by a metric, never passed over in silence.
"""

from datetime import date

from services.mot.domain.watch import Rules
from shared.observability.calendar_watch import REMEDY, CalendarWatch
from shared.observability.logging import logger
from shared.observability.metrics import RULES_BLIND


def blind(rules: Rules, today: date) -> list[str]:
    """Return the rules that the calendar is too short for, seen from a trading day. Pure."""
    detectors = rules.detectors.items()
    return [name for name, detector in detectors if detector.blind(today, rules.calendar)]


class Foresight:
    """Looks at each day's close; the partitions of one day, and a replay, say nothing more."""

    def __init__(self) -> None:
        self._watch: CalendarWatch | None = None
        self._seen: date | None = None

    def look(self, today: date, rules: Rules) -> None:
        """Tell how far the calendar reaches, and which rules it does not reach for."""
        if self._seen is not None and today <= self._seen:
            return
        self._seen, self._watch = today, self._watch or CalendarWatch(rules.calendar)
        self._watch.look(today)
        found = blind(rules, today)
        for name in rules.detectors:
            RULES_BLIND.labels(name).set(name in found)
        if found:
            logger().error(
                "rules judge nothing beyond the calendar",
                rules=found,
                day=f"{today}",
                calendar=rules.calendar.version,
                remedy=REMEDY,
            )
