"""成交 — CFMMC ``trddata``: one row a trade in a future, with its fee and profit."""

from services.ingest.domain import cfmmc
from services.ingest.domain.columns import daily
from services.ingest.domain.dealt import TradeRow
from services.ingest.domain.rows import code, instrument_code
from services.ingest.domain.source import Cells, Context


def read(cells: Cells, context: Context) -> TradeRow:
    """Return the trade; its trading day is the file's, whatever ``trade_date`` says."""
    cfmmc.in_yuan(cells)
    at = cfmmc.moment(cells, "trade_time", context)
    return TradeRow(
        account=code(cells["investor_id"], "investor_id"),
        exchange=cfmmc.flag(cells, "exchange_flag", cfmmc.EXCHANGES),
        instrument=instrument_code(cells["instrument_id"], "instrument_id"),
        option=None,
        trade_id=cfmmc.token(cells, "trade_id"),
        order_id=cells.get("order_id") or None,
        direction=cfmmc.flag(cells, "direction", cfmmc.DIRECTIONS),
        offset=cfmmc.flag(cells, "offset", cfmmc.OFFSETS),
        hedge=cfmmc.flag(cells, "hedge_flag", cfmmc.HEDGES),
        lots=cfmmc.lots(cells, "volume"),
        price=cfmmc.price(cells, "price"),
        turnover=cfmmc.amount_or_none(cells, "turnover"),
        premium=None,
        executed_at=at,
        fee=cfmmc.amount_or_none(cells, "commission"),
        profit_mtm=cfmmc.amount_or_none(cells, "mtm_pl"),
        profit_tbt=cfmmc.amount_or_none(cells, "tbt_pl"),
        elsewhen=cfmmc.elsewhen(cells, at, context),
    )


source = daily("trddata", 4, read)
