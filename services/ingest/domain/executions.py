"""成交手数 — the trades that a stream told, each under its name, for the day's comparison.

Two sources that tell one trade tell it once: a trade is named by account, exchange, number and
direction within its trading day, as the settlement's rows are.
"""

from collections.abc import Iterable

from services.ingest.domain.day_rows import Kept
from shared.contracts.dealings import TradeExecuted
from shared.contracts.stream import StreamEvent
from shared.kernel.trading_day import TradingDay

EXECUTED = "trade.executed"
"""What these rows are kept under; no file's kind and no profile has a dot in its name."""


def executed(events: Iterable[StreamEvent]) -> dict[TradingDay, list[Kept]]:
    """Return day → the trades to be kept, in the order of their names.

    History and rehearsals are compared with nothing.
    """
    days: dict[TradingDay, dict[str, Kept]] = {}
    for event in events:
        if isinstance(event, TradeExecuted) and not (event.data.backfill or event.data.rehearsal):
            data = event.data
            name = f"{data.account}/{data.exchange}/{data.trade_id}/{data.direction}"
            kept = Kept(name, data.account, data.lots, 0, "")
            days.setdefault(data.trading_day, {})[name] = kept
    return {day: [rows[name] for name in sorted(rows)] for day, rows in sorted(days.items())}
