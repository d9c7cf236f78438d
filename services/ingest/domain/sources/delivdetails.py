"""交割明细 — CFMMC ``delivdetails``: one row a delivery; the instrument tells the exchange."""

from services.ingest.domain import cfmmc
from services.ingest.domain.columns import daily
from services.ingest.domain.dealt import DeliveryRow
from services.ingest.domain.option_code import option_of
from services.ingest.domain.rows import code
from services.ingest.domain.source import Cells, Context


def read(cells: Cells, context: Context) -> DeliveryRow:
    """Return the delivery."""
    cfmmc.file_day(cells, context)
    cfmmc.in_yuan(cells)
    return DeliveryRow(
        account=code(cells["account_id"], "account_id"),
        exchange=cfmmc.exchange_of(cells, context),
        instrument=cells["instrument_id"],
        option=option_of(cells["instrument_id"]),
        direction=cfmmc.flag(cells, "direction", cfmmc.DIRECTIONS),
        lots=cfmmc.lots(cells, "volume"),
        delivery_price=cfmmc.price(cells, "delivery_settle_price"),
        turnover=cfmmc.amount_or_none(cells, "turnover"),
        fee=cfmmc.amount_or_none(cells, "commission"),
        profit=cfmmc.amount_or_none(cells, "profit"),
    )


source = daily("delivdetails", 5, read)
