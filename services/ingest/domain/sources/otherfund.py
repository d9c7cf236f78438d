"""其他资金 — CFMMC ``otherfund``: one row a charge or refund that is no trade's fee.

The memo is free text, so its bad lines are sealed, and numbers long enough to be somebody's are
masked before it is told.
"""

import re
from dataclasses import replace

from services.ingest.domain import cfmmc
from services.ingest.domain.columns import daily
from services.ingest.domain.dealt import FeeRow
from services.ingest.domain.rows import BadRow, code
from services.ingest.domain.source import Cells, Context
from shared.contracts.dealings import Exchange

LONGEST_NOTE = 200
_LONG_NUMBER = re.compile(r"\d{11,}[Xx]?")


def read(cells: Cells, context: Context) -> FeeRow:
    """Return the charge."""
    cfmmc.file_day(cells, context)
    amount = cfmmc.amount(cells, "amount")
    if not amount:
        raise BadRow("amount", "nothing was charged")
    return FeeRow(
        account=code(cells["investor_id"], "investor_id"),
        item=cfmmc.token(cells, "item_id"),
        amount=amount,
        currency=cfmmc.currency(cells),
        exchange=_exchange(cells),
        note=_LONG_NUMBER.sub(_masked, cells.get("memo", ""))[:LONGEST_NOTE],
    )


def _exchange(cells: Cells) -> Exchange | None:
    told = cells["exchange_flag"]
    return cfmmc.flag(cells, "exchange_flag", cfmmc.EXCHANGES) if told else None


def _masked(found: re.Match[str]) -> str:
    return f"****{found[0][-4:]}"


source = replace(daily("otherfund", 5, read), personal=True)
