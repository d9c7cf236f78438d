"""持仓汇总 — CFMMC ``holddata``: one row what an account holds of a future on one side."""

from services.ingest.domain import cfmmc
from services.ingest.domain.columns import daily
from services.ingest.domain.dealt import HoldingRow, OptionOf
from services.ingest.domain.rows import code, instrument_code
from services.ingest.domain.source import Cells, Context


def read(cells: Cells, context: Context) -> HoldingRow:
    """Return the holding."""
    return holding(cells, context, None)


def holding(cells: Cells, context: Context, option: OptionOf | None) -> HoldingRow:
    """Return a holding of a future or an option: their columns have the same names."""
    cfmmc.file_day(cells, context)
    cfmmc.in_yuan(cells)
    parts = (cells["trading_code"], *map(cells.get, ("is_covered_strategy", "is_component")))
    return HoldingRow(
        account=code(cells["account_id"], "account_id"),
        exchange=cfmmc.flag(cells, "exchange_flag", cfmmc.EXCHANGES),
        instrument=instrument_code(cells["instrument_id"], "instrument_id"),
        side=cfmmc.flag(cells, "direction", cfmmc.SIDES),
        hedge=cfmmc.flag(cells, "hedge_flag", cfmmc.HEDGES),
        lots=cfmmc.lots(cells, "volume", at_least=0),
        average_price=cfmmc.average_or_none(cells, "avg_price"),
        settlement_price=cfmmc.average_or_none(cells, "set_price"),
        margin=cfmmc.amount_or_none(cells, "margin"),
        profit_mtm=cfmmc.amount_or_none(cells, "mtm_pl"),
        profit_tbt=cfmmc.amount_or_none(cells, "tbt_pl"),
        option=option,
        part="/".join(part or "" for part in parts),
    )


source = daily("holddata", 7, read)
