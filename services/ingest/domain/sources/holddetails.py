"""持仓明细 — CFMMC ``holddetails``: one row what is left of one opening trade.

Only one thing is taken from it: how many lots of a holding were opened on the file's trading day,
which is where ``trade_date`` is that day.
"""

from dataclasses import dataclass

from services.ingest.domain import cfmmc
from services.ingest.domain.columns import daily
from services.ingest.domain.rows import calendar_date, code, instrument_code
from services.ingest.domain.source import Cells, Context
from shared.contracts.dealings import Hedge, Side


@dataclass(frozen=True, slots=True)
class DetailRow:
    """Lots of one opening trade; ``today`` None: the file does not say when they were opened."""

    account: str
    instrument: str
    side: Side
    hedge: Hedge
    lots: int
    today: bool | None


def read(cells: Cells, context: Context) -> DetailRow:
    """Return the lots and whether they are of today."""
    day, told = cfmmc.file_day(cells, context), cells.get("trade_date", "")
    return DetailRow(
        account=code(cells["account_id"], "account_id"),
        instrument=instrument_code(cells["instrument_id"], "instrument_id"),
        side=cfmmc.flag(cells, "direction", cfmmc.SIDES),
        hedge=cfmmc.flag(cells, "hedge_flag", cfmmc.HEDGES),
        lots=cfmmc.lots(cells, "volume", at_least=0),
        today=calendar_date(told, "trade_date") == day if told else None,
    )


source = daily("holddetails", 6, read)
