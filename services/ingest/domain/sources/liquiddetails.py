"""平仓明细 — CFMMC ``liquiddetails``: one row what a trade closed of one opening trade.

It has no column for the exchange: the instrument tells it. Nor for the day of the opening trade:
``trade_date`` may be either trade's.
"""

from services.ingest.domain import cfmmc
from services.ingest.domain.columns import daily
from services.ingest.domain.dealt import CloseOutRow
from services.ingest.domain.option_code import option_of
from services.ingest.domain.rows import code
from services.ingest.domain.source import Cells, Context


def read(cells: Cells, context: Context) -> CloseOutRow:
    """Return what was closed; for an option its code says what it is of."""
    cfmmc.file_day(cells, context)
    cfmmc.in_yuan(cells)
    return CloseOutRow(
        account=code(cells["account_id"], "account_id"),
        exchange=cfmmc.exchange_of(cells, context),
        instrument=cells["instrument_id"],
        option=option_of(cells["instrument_id"]),
        trade_id=cfmmc.token(cells, "trade_id"),
        opening_trade_id=cfmmc.token_or_none(cells, "original_trade_id"),
        direction=cfmmc.flag(cells, "direction", cfmmc.DIRECTIONS),
        lots=cfmmc.lots(cells, "volume"),
        open_price=cfmmc.price(cells, "open_price"),
        close_price=cfmmc.price(cells, "close_price"),
        profit_mtm=cfmmc.amount_or_none(cells, "profit_mtm"),
        profit_tbt=cfmmc.amount_or_none(cells, "profit_tbt"),
    )


source = daily("liquiddetails", 5, read)
