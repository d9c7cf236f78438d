"""协议 — an account's agreements and their ends, such as the rebate formulas 交返 and 利返.

An agreement is named by its account, kind and first day; without a last day it has no end.
"""

import re
from dataclasses import dataclass
from datetime import date

from services.ingest.domain.rows import BadRow, calendar_date, code
from services.ingest.domain.source import Cells, Context, Tabular
from shared.contracts.topics import ACCOUNT

LONGEST_KIND, LONGEST_NOTE = 40, 200


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One agreement."""

    account: str
    kind: str
    starts_on: date | None
    ends_on: date | None
    note: str


def read(cells: Cells, context: Context) -> AgreementRow:
    """Return the agreement; one that ends before it starts is a mistake of the file."""
    kind, note = cells.get("kind", ""), cells.get("note", "")
    if not 0 < len(kind) <= LONGEST_KIND or not kind.isprintable():
        raise BadRow("kind", f"1 to {LONGEST_KIND} printable characters expected")
    if len(note) > LONGEST_NOTE:
        raise BadRow("note", f"at most {LONGEST_NOTE} characters")
    starts_on, ends_on = _date_or_none(cells, "starts_on"), _date_or_none(cells, "ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        raise BadRow("ends_on", "before starts_on")
    account = code(cells.get("account", ""), "account")
    return AgreementRow(account, kind, starts_on, ends_on, note)


def _date_or_none(cells: Cells, name: str) -> date | None:
    text = cells.get(name, "")
    return calendar_date(text, name) if text else None


source = Tabular(
    name="agreements",
    order=2,
    topic=ACCOUNT,
    pattern=re.compile(r"agreements.*\.(csv|xlsx)"),
    read=read,
    personal=True,
    required=frozenset({"account", "kind", "ends_on"}),
)
