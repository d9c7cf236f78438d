"""账户基线 — what daily files do not tell of an account: opened, last trade, what ends when.

The columns on the person (birthday, occupation, income source) are the client's, not the account's.
"""

import re
from dataclasses import dataclass
from datetime import date

from services.ingest.domain.person import UNTOLD, Situation, birthday, words
from services.ingest.domain.rows import BadRow, calendar_date, code
from services.ingest.domain.source import Cells, Context, Tabular
from shared.contracts.topics import ACCOUNT

LONGEST_LEVEL = 10
REQUIRED = frozenset({"account", "opened_on"})


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """An account's dates, and its 适当性等级 (C1–C5) with the last day on which it holds."""

    account: str
    opened_on: date
    last_trade_on: date | None
    last_position_on: date | None
    risk_level: str | None = None
    risk_level_until: date | None = None
    certificate_until: date | None = None
    person: Situation = UNTOLD


def read(cells: Cells, context: Context) -> BaselineRow:
    """Return the dates; a trade before the opening is a mistake of the file."""
    level = cells.get("risk_level", "")
    if len(level) > LONGEST_LEVEL:
        raise BadRow("risk_level", f"at most {LONGEST_LEVEL} characters")
    row = BaselineRow(
        account=code(cells.get("account", ""), "account"),
        opened_on=calendar_date(cells.get("opened_on", ""), "opened_on"),
        last_trade_on=_date_or_none(cells, "last_trade_on"),
        last_position_on=_date_or_none(cells, "last_position_on"),
        risk_level=level or None,
        risk_level_until=_date_or_none(cells, "risk_level_until"),
        certificate_until=_date_or_none(cells, "certificate_until"),
        person=Situation(
            birthday(cells.get("birthday", ""), "birthday"),
            words(cells.get("occupation", ""), "occupation"),
            words(cells.get("income_source", ""), "income_source"),
        ),
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
