"""演练 — an exchange's weekend test: what it sends looks real and concerns nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.ingest.domain.fact import of_account
from shared.contracts.stream import StreamEvent
from shared.kernel.trading_day import CHINA


@dataclass(frozen=True)
class Rehearsal:
    """When, and from whom, everything is a rehearsal.

    ``days``: of the calendar, in China, by a record's own time; ``sources``: the source of an event
    or of its body.
    """

    days: frozenset[date] = frozenset()
    sources: frozenset[str] = frozenset()

    def on(self, moment: datetime) -> bool:
        """Say whether a moment is in a rehearsal."""
        return moment.astimezone(CHINA).date() in self.days

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


NEVER = Rehearsal()
