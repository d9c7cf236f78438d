"""变化 — what one statement's tables change of what was told of its account's day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from services.ingest.domain.day_rows import Kept, kept
from services.ingest.domain.dealt import DayRow, entries
from services.ingest.domain.fact import Fact
from services.ingest.domain.holdings import held
from services.ingest.domain.replacement import Difference, compare
from services.ingest.domain.rows import Bad, Good
from services.ingest.domain.statements.known import (
    KINDS,
    Known,
    Last,
    Table,
    completed,
    tables_of,
)
from services.ingest.domain.statements.statement import Statement
from services.ingest.domain.tally import HELD
from services.ingest.domain.telling import Teller

TYPES = {
    "trddata": "trade.settled",
    "opttrddata": "trade.settled",
    "liquiddetails": "order.closed-out",
    "optliquiddetails": "order.closed-out",
    "delivdetails": "position.delivered",
}


@dataclass
class Changes:
    """The facts of one or more statements, and by kind of file the rows to keep and to forget."""

    facts: list[Fact] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    kept: dict[str, list[Kept]] = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, difference: Difference) -> None:
        """Note what is to be written down of one kind."""
        self.bad += difference.bad
        self.kept.setdefault(kind, []).extend(kept(difference.changed))
        self.gone.setdefault(kind, []).extend(difference.gone)


@dataclass(frozen=True)
class Day:
    """The day the statements are of. ``told``: the kinds of CFMMC files that are in already."""

    teller: Teller
    told: frozenset[str]


def apply(changes: Changes, statement: Statement, before: tuple[Known, Last], day: Day) -> None:
    """Add what a statement's tables change; what is known of them is ``before``, and grows."""
    known, last = before
    moved = False
    for kind, table in tables_of(statement).items():
        if kind in day.told:
            continue
        was = known.rows.get(kind, {})
        difference = _difference(table, was)
        changes.note(kind, difference)
        now = {name: text for name, text in was.items() if name not in difference.gone}
        known.rows[kind] = now | {entry.name: entry.content for entry in difference.changed}
        if kind in TYPES:
            changes.facts += _dealings(kind, difference, was, day.teller)
        else:
            moved = moved or bool(difference.changed or difference.gone)
    if statement.held.whole and not day.told & {*HELD}:
        lots = sum(row.lots for row in statement.held.each())
        emptied = bool(last.lots) and last.day < str(statement.day) and not lots
        if moved or emptied:
            rows = statement.held.each()
            changes.facts.append(held(statement.account, rows, statement.today, day.teller))


def _difference(table: Table, was: Mapping[str, str]) -> Difference:
    """Compare with what was told; rows that an incomplete table lacks are not gone."""
    found = compare(was, entries(list(_completed(table, was))))
    return found if table.whole else Difference(found.changed, found.unchanged, (), found.bad)


def _completed(table: Table, was: Mapping[str, str]) -> Iterable[Good[DayRow]]:
    for entry in entries(table.rows):
        row = completed(entry.good.row, was.get(entry.name))
        yield Good(entry.good.line, entry.good.raw, row)


def _dealings(
    kind: str, difference: Difference, was: Mapping[str, str], teller: Teller
) -> list[Fact]:
    """Tell what is gone first: what takes its place may bear its name."""
    lost = {n: msgspec.json.decode(was[n], type=KINDS[kind]) for n in difference.gone}
    said = [(f"{n}/cancelled", row, True) for n, row in lost.items()]
    said += [(entry.name, entry.good.row, False) for entry in difference.changed]
    return [
        teller.tell(TYPES[kind], f"{kind}/{n}", row.body() | {"cancelled": cancelled})
        for n, row, cancelled in said
    ]
