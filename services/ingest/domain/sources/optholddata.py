"""期权持仓 — CFMMC ``optholddata``: one row what an account holds of an option on one side."""

from services.ingest.domain import cfmmc
from services.ingest.domain.columns import daily
from services.ingest.domain.dealt import HoldingRow
from services.ingest.domain.source import Cells, Context
from services.ingest.domain.sources.holddata import holding


def read(cells: Cells, context: Context) -> HoldingRow:
    """Return the holding."""
    return holding(cells, context, cfmmc.option(cells, "execute_price"))


source = daily("optholddata", 7, read)
