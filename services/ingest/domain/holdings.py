"""结算持仓 — an account's complete book of a day, from the files of futures and of options."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from services.ingest.domain.dealt import HoldingRow, TodayRow
from services.ingest.domain.fact import Fact
from services.ingest.domain.sources.holddetails import DetailRow
from services.ingest.domain.telling import Teller

Place = tuple[str, str, str, str]
"""Account, instrument, side, hedge: what a holding and its opening trades have in common."""


def today_rows(details: Iterable[DetailRow]) -> list[TodayRow]:
    """Add up what was opened today; a holding of which one trade is undated is left out."""
    opened: Counter[Place] = Counter()
    undated: set[Place] = set()
    for row in details:
        place = (row.account, row.instrument, row.side, row.hedge)
        opened[place] += row.lots if row.today else 0
        if row.today is None:
            undated.add(place)
    known = [place for place in opened if place not in undated]
    return [msgspec.convert((*place, opened[place]), TodayRow) for place in known]


def opened_today(contents: Iterable[str]) -> dict[Place, int]:
    """Read back what ``today_rows`` said."""
    rows = (msgspec.json.decode(content, type=TodayRow) for content in contents)
    return {(row.account, row.instrument, row.side, row.hedge): row.lots for row in rows}


def books_of(contents: Iterable[str]) -> dict[str, list[HoldingRow]]:
    """Read rows back, by account; what is of no lots is not held."""
    books: dict[str, list[HoldingRow]] = defaultdict(list)
    for content in contents:
        row = msgspec.json.decode(content, type=HoldingRow)
        if row.lots:
            books[row.account].append(row)
    return books


def held(
    account: str, rows: Iterable[HoldingRow], today: Mapping[Place, int], teller: Teller
) -> Fact:
    """结算持仓 — everything an account holds at the day's end, in one event."""
    book = sorted(rows, key=lambda row: row.name)
    places = Counter(_place(row) for row in book)
    holdings = [_holding(row, today if places[_place(row)] == 1 else {}) for row in book]
    return teller.tell("positions.settled", account, {"account": account, "holdings": holdings})


def _holding(row: HoldingRow, today: Mapping[Place, int]) -> dict[str, Any]:
    body, opened = row.body(), today.get(_place(row))
    if opened is None:
        return body
    named = ("exchange", "instrument", "side", "hedge", "lots")
    return {name: body.pop(name) for name in named} | {"today_lots": opened} | body


def _place(row: HoldingRow) -> Place:
    return row.account, row.instrument, row.side, row.hedge
