"""账户基线 — an account's past that daily files do not tell: opened, last trade, last position.

The columns on suitability and the person (risk level, birthday, occupation …) are read by nobody
here yet; they are neither published nor kept.
"""

import re
from dataclasses import dataclass
from datetime import date

from services.ingest.domain.rows import BadRow, calendar_date, code
from services.ingest.domain.source import Cells, Context, Tabular
from shared.contracts.topics import ACCOUNT

REQUIRED = frozenset({"account", "opened_on"})


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """An account's dates."""

    account: str
    opened_on: date
    last_trade_on: date | None
    last_position_on: date | None


def read(cells: Cells, context: Context) -> BaselineRow:
    """Return the dates; a trade before the opening is a mistake of the file."""
    row = BaselineRow(
        account=code(cells.get("account", ""), "account"),
        opened_on=calendar_date(cells.get("opened_on", ""), "opened_on"),
        last_trade_on=_date_or_none(cells, "last_trade_on"),
        last_position_on=_date_or_none(cells, "last_position_on"),
    )
    for place in ("last_trade_on", "last_position_on"):
        day: date | None = getattr(row, place)
        if day and day < row.opened_on:
            raise BadRow(place, "before opened_on")
    return row


def _date_or_none(cells: Cells, name: str) -> date | None:
    text = cells.get(name, "")
    return calendar_date(text, name) if text else None


source = Tabular(
    name="baselines",
    order=2,
    topic=ACCOUNT,
    pattern=re.compile(r"baselines.*\.(csv|xlsx)"),
    read=read,
    personal=True,
    required=REQUIRED,
)
