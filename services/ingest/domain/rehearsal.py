"""演练 — an exchange's weekend test: what it sends looks real and concerns nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.ingest.domain.fact import of_account
from shared.contracts.stream import StreamEvent
from shared.kernel.trading_day import CHINA

NIGHT_ENDS = timedelta(hours=4)
"""After midnight, in China: no night session runs later than 02:30, no day begins before."""


@dataclass(frozen=True)
class Rehearsal:
    """When, and from whom, everything is a rehearsal.

    ``days``: of the calendar, in China, by a record's own time, each with its night until four the
    next morning; ``sources``: the source of an event or of its body.
    """

    days: frozenset[date] = frozenset()
    sources: frozenset[str] = frozenset()

    def on(self, moment: datetime) -> bool:
        """Say whether a moment is in a rehearsal.

        Saturday's begins after Friday's night session, which is real, and has a night of its own:

        >>> saturday, night = Rehearsal(frozenset({date(2026, 6, 6)})), [(6, 0), (6, 21), (7, 1)]
        >>> [saturday.on(datetime(2026, 6, day, hour, 30, tzinfo=CHINA)) for day, hour in night]
        [False, True, True]
        """
        return _day(moment) in self.days

    def waits(self, moment: datetime, day: date | None) -> bool:
        """Say whether a file that was dropped in a rehearsal may be a real one that is late.

        That is one of a day before it, or of none; a rehearsal's own is of a day to come.

        >>> saturday = Rehearsal(frozenset({date(2026, 6, 6)}))
        >>> noon = datetime(2026, 6, 6, 12, tzinfo=CHINA)
        >>> saturday.waits(noon, date(2026, 6, 5)), saturday.waits(noon, date(2026, 6, 8))
        (True, False)
        """
        return self.on(moment) and (day is None or day < _day(moment))

    def wrote(self, watermark: object) -> bool:
        """Say whether a row of a broker's table was written in a rehearsal, if its mark is a time.

        >>> saturday = Rehearsal(frozenset({date(2026, 6, 6)}))
        >>> saturday.wrote(datetime(2026, 6, 6, 9, 30)), saturday.wrote("2026-06-06T09:30:00")
        (True, True)
        >>> saturday.wrote(datetime(2026, 6, 6, 0, 30)), saturday.wrote(datetime(2026, 6, 7, 1))
        (False, True)
        >>> saturday.wrote(date(2026, 6, 5)), saturday.wrote(20260606), saturday.wrote("A-17")
        (False, False, False)
        """
        match watermark:
            case datetime(tzinfo=None) if watermark.time() == time.min:  # a DATE of Oracle's
                return watermark.date() in self.days
            case datetime(tzinfo=None):
                return self.on(watermark.replace(tzinfo=CHINA))
            case datetime():
                return self.on(watermark)
            case date():
                return watermark in self.days
            case str():
                return self.wrote(_moment(watermark))
        return False

    def marked(self, events: Sequence[StreamEvent]) -> list[StreamEvent]:
        """Return the events, those of a rehearsal marked so."""
        return [self._mark(event) if self._concerns(event) else event for event in events]

    def _concerns(self, event: StreamEvent) -> bool:
        data = event.data
        if not (self.days or self.sources) or not of_account(data):
            return False
        return self.on(event.time) or bool({event.source, data.source} & self.sources)

    @staticmethod
    def _mark(event: StreamEvent) -> StreamEvent:
        data = event.data.model_copy(update={"rehearsal": True})
        return event.model_copy(update={"data": data})


def _day(moment: datetime) -> date:
    """Return the day that a moment belongs to with its night."""
    return (moment.astimezone(CHINA) - NIGHT_ENDS).date()


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


NEVER = Rehearsal()
