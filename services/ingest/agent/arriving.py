"""到了 — a file was there: what its kind's silence and lateness are counted from."""

from datetime import datetime

from services.ingest.domain.books import Books
from services.ingest.domain.normalise import statement_time
from shared.kernel.trading_day import TradingDay
from shared.observability.metrics import FILE_LAG


async def arrived(books: Books, kind: str, day: TradingDay | None, now: datetime) -> None:
    """Say that a file of a kind was taken, and how long after the end of its day."""
    await books.heard.note([f"file:{kind}"], live=False)
    if day:
        late = (now - statement_time(day)).total_seconds()
        FILE_LAG.labels(kind).set(max(0.0, late))
