"""期权成交 — CFMMC ``opttrddata``: one row a trade in an option, with its premium and fee."""

from services.ingest.domain import cfmmc
from services.ingest.domain.columns import daily
from services.ingest.domain.dealt import TradeRow
from services.ingest.domain.rows import code, instrument_code
from services.ingest.domain.source import Cells, Context


def read(cells: Cells, context: Context) -> TradeRow:
    """Return the trade; a buyer pays the premium (−), a seller receives it (+)."""
    cfmmc.in_yuan(cells)
    at = cfmmc.moment(cells, "trade_time", context)
    direction = cfmmc.flag(cells, "direction", cfmmc.DIRECTIONS)
    premium = cfmmc.amount_or_none(cells, "premium_amount")
    return TradeRow(
        account=code(cells["investor_id"], "investor_id"),
        exchange=cfmmc.flag(cells, "exchange_flag", cfmmc.EXCHANGES),
        instrument=instrument_code(cells["instrument_id"], "instrument_id"),
        option=cfmmc.option(cells, "strike_price"),
        trade_id=cfmmc.token(cells, "trade_id"),
        order_id=cells.get("order_number") or None,
        direction=direction,
        offset=cfmmc.flag(cells, "offset_flag", cfmmc.OFFSETS),
        hedge=cfmmc.flag(cells, "hedge_flag", cfmmc.HEDGES),
        lots=cfmmc.lots(cells, "volume"),
        price=cfmmc.price(cells, "premium_price"),
        turnover=None,
        premium=premium and (abs(premium) if direction == "sell" else -abs(premium)),
        executed_at=at,
        fee=cfmmc.amount_or_none(cells, "commission"),
        profit_mtm=None,
        profit_tbt=None,
        elsewhen=cfmmc.elsewhen(cells, at, context),
    )


source = daily("opttrddata", 4, read)
