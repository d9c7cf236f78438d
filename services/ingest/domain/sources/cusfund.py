"""客户资金 — CFMMC ``cusfund``: one row an account's settled funds of the day.

保证金占用 has no column of its own: it is 客户权益 less 可用资金 less 冻结资金. Profit is not
taken: 当日总盈亏 is not parted into closed and held positions and leaves fees out; what the day
earned follows from the equities and the movements of ``fundchg``. Lots stand in other files.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from services.ingest.domain.cfmmc import file_day, in_yuan
from services.ingest.domain.columns import shipped
from services.ingest.domain.positional import Positional
from services.ingest.domain.rows import code, money
from services.ingest.domain.source import Cells, Context
from shared.contracts.topics import ACCOUNT


@dataclass(frozen=True, slots=True)
class FundRow:
    """An account's settled figures in yuan; ``opening_equity`` is 上日结存（逐日盯市）.

    ``margin`` is None where it would be below zero: then available holds what is no equity.
    """

    account: str
    equity: Decimal
    available: Decimal
    opening_equity: Decimal | None
    margin: Decimal | None = None


def read(cells: Cells, context: Context) -> FundRow:
    """Return the settled figures."""
    file_day(cells, context)
    in_yuan(cells)
    opening, frozen = cells["pre_bal_mtm"], cells.get("frozen_amount", "")
    equity, available = money(cells["equity"], "equity"), money(cells["available"], "available")
    margin = equity - available - (money(frozen, "frozen_amount") if frozen else 0)
    return FundRow(
        account=code(cells["account_id"], "account_id"),
        equity=equity,
        available=available,
        opening_equity=money(opening, "pre_bal_mtm") if opening else None,
        margin=margin if margin >= 0 else None,
    )


source = Positional(
    name="cusfund",
    order=9,
    topic=ACCOUNT,
    pattern=re.compile(r"\d*cusfund(?P<day>\d{8})\.txt", re.IGNORECASE),
    read=read,
    dated=True,
    columns=shipped()["cusfund"],
)
