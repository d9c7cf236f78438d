"""走时 — each minute of the wall's clock becomes ``clock.ticked``, once for all replicas.

It carries when each live source was last heard, by any replica, so that silence can be seen.
"""

from dataclasses import dataclass
from datetime import datetime

from services.ingest.agent.live import release
from services.ingest.domain.books import OpenBooks
from services.ingest.domain.normalise import ticked
from shared.kernel.trading_day import Calendar
from shared.observability.metrics import RECORDS_ACCEPTED, RECORDS_DUPLICATE


@dataclass(frozen=True)
class Ticking:
    """Tells the minutes of a broker's clock."""

    broker: str
    calendar: Calendar
    open_books: OpenBooks

    async def tick(self, minute: datetime) -> None:
        """Store one minute; raises ``StoresAway``, and ``OutsideCoverage`` past the calendar."""
        day = self.calendar.at(minute)
        async with self.open_books() as books:
            fact = ticked(self.broker, minute, day, await books.heard.moments())
            fresh = await books.inbox.store([fact])
            await release(books, minute)
        if fresh:
            RECORDS_ACCEPTED.labels(fact.type).inc()
        else:
            RECORDS_DUPLICATE.labels("clock").inc()
