"""客户资金 — CFMMC ``cusfund``: one row an account's settled funds of the day.

Margin, profit and fees are not taken: no column of this file means exactly one of them.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from services.ingest.domain.rows import BadRow, Unreadable, calendar_date, code, money
from services.ingest.domain.source import Cells, ColumnMap, Context, Positional
from shared.contracts.topics import ACCOUNT

COLUMNS = ColumnMap(
    "hf-auto-script 0.1.4",
    (
        "date",
        "account_id",
        "equity",
        "available",
        "margin_call",
        "risk",
        "pre_bal_mtm",
        "pre_bal_tbt",
        "bal_mtm",
        "bal_tbt",
        "mtm_pl",
        "tbt_pl",
        "accum_pl",
        "pledge",
        "is_non_settle_member",
        "currency",
        "cny_amount",
        "fx_pledge",
        "fx_redemption",
        "fx_pledge_occ",
        "premium",
        "frozen_amount",
        "bill_margin",
    ),
    at_least=21,
)


@dataclass(frozen=True, slots=True)
class FundRow:
    """An account's settled figures in yuan; ``opening_equity`` is 上日结存（逐日盯市）."""

    account: str
    equity: Decimal
    available: Decimal
    opening_equity: Decimal | None


def read(cells: Cells, context: Context) -> FundRow:
    """Return the settled figures."""
    if context.day is None:
        raise Unreadable("the name carries no day")
    if calendar_date(cells["date"], "date") != context.day:
        raise BadRow("date", f"{cells['date'][:20]} is not the file's day {context.day}")
    if cells["currency"] not in ("", "CNY", "RMB"):
        raise BadRow("currency", "account.settled is in CNY")
    opening = cells["pre_bal_mtm"]
    return FundRow(
        account=code(cells["account_id"], "account_id"),
        equity=money(cells["equity"], "equity"),
        available=money(cells["available"], "available"),
        opening_equity=money(opening, "pre_bal_mtm") if opening else None,
    )


source = Positional(
    name="cusfund",
    order=4,
    topic=ACCOUNT,
    pattern=re.compile(r"\d*cusfund(?P<day>\d{8})\.txt"),
    read=read,
    dated=True,
    columns=COLUMNS,
)
