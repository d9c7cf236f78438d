"""差异报告 — when a day closes, what was told live is compared with what its files settle."""

from services.ingest.domain.books import Books
from services.ingest.domain.reconciling import Kind
from shared.kernel.trading_day import TradingDay
from shared.observability.logging import logger
from shared.observability.metrics import DAY_DIFFERENCES


async def draw_up(books: Books, day: TradingDay) -> None:
    """Write the day's differences, again when a replacement file has closed it again."""
    counts = await books.reconciliation.draw_up(day)
    for kind in Kind:
        DAY_DIFFERENCES.labels(kind).set(counts.get(kind, 0))
    told = {kind.value: count for kind, count in counts.items()}
    logger().info("day closed", day=str(day), differences=told)
