"""交易编码 — CFMMC ``cuscode``: an account's codes at the exchanges."""

import re
from dataclasses import dataclass

from services.ingest.domain.cfmmc import EXCHANGES, file_day, flag
from services.ingest.domain.columns import shipped
from services.ingest.domain.positional import Positional
from services.ingest.domain.rows import code
from services.ingest.domain.source import Cells, Context
from shared.contracts.dealings import Exchange
from shared.contracts.topics import ACCOUNT


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One trading code."""

    account: str
    exchange: Exchange
    trading_code: str


def read(cells: Cells, context: Context) -> CodeRow:
    """Return the code."""
    file_day(cells, context)
    return CodeRow(
        account=code(cells["account_id"], "account_id"),
        exchange=flag(cells, "exchange_flag", EXCHANGES),
        trading_code=code(cells["trading_code"], "trading_code"),
    )


source = Positional(
    name="cuscode",
    order=1,
    topic=ACCOUNT,
    pattern=re.compile(r"\d*cuscode(?P<day>\d{8})\.txt", re.IGNORECASE),
    read=read,
    dated=True,
    columns=shipped()["cuscode"],
    may_be_empty=True,
)
