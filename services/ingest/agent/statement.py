"""结算单 — each statement is one account's whole day, taken like the CFMMC files of that account.

Statements of one file are taken together, day by day; of two on one account and day the later one
replaces the earlier. Where a CFMMC file of a kind is in, that file is the authority on its rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from services.ingest.agent.edition import Findings, Taking, next_version, store
from services.ingest.agent.fundchg import Claim, settle_funds
from services.ingest.agent.settling_again import tell_settled
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.normalise import Edition
from services.ingest.domain.rows import Good
from services.ingest.domain.settlement import Figures
from services.ingest.domain.statements.changes import Changes, Day, apply
from services.ingest.domain.statements.known import Known, Last, digest_of, over
from services.ingest.domain.statements.statement import Statement
from services.ingest.domain.telling import Teller
from shared.kernel.trading_day import TradingDay

KIND = "statement"


@dataclass(frozen=True)
class Taken:
    """A statement that says something new, with what is known of its day and what was held."""

    statement: Statement
    known: Known
    last: Last
    version: int
    digest: str

    @property
    def name(self) -> str:
        return _name(self.statement)


async def take(books: Books, taking: Taking, rows: Sequence[Good[Statement]]) -> Findings:
    """Tell what the statements say that nobody has said."""
    findings, notes = Findings(), Counter[str]()
    for statements in _rounds(good.row for good in rows):
        fresh = await _fresh(books, statements)
        notes["unchanged"] += len(statements) - len(fresh)
        for (day, version), group in _editions(fresh).items():
            teller = Teller(taking.broker, KIND, Edition(day, version, KIND))
            await _take_group(books, teller, group, findings)
    return replace(findings, notes=dict(notes))


def _rounds(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    """Part the statements so that none replaces another of the same round."""
    rounds: list[list[Statement]] = []
    seen: Counter[str] = Counter()
    for statement in statements:
        number = seen[_name(statement)]
        seen[_name(statement)] += 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(statement)
    yield from rounds


async def _fresh(books: Books, statements: Sequence[Statement]) -> list[Taken]:
    names = {_name(s) for s in statements} | {_last(s) for s in statements}
    entries = await books.directory.entries("account_days", names)
    fresh: list[Taken] = []
    for statement in statements:
        name, newest = _name(statement), _last(statement)
        known = msgspec.json.decode(entries[name].body, type=Known) if name in entries else Known()
        last = msgspec.json.decode(entries[newest].body, type=Last) if newest in entries else None
        digest = digest_of(statement)
        if known.seen.get(statement.layout) != digest:
            version = next_version(entries, name)
            fresh.append(Taken(statement, known, last or Last(), version, digest))
    return fresh


def _editions(fresh: Iterable[Taken]) -> dict[tuple[TradingDay, int], list[Taken]]:
    groups: dict[tuple[TradingDay, int], list[Taken]] = defaultdict(list)
    for taken in fresh:
        groups[taken.statement.day, taken.version].append(taken)
    return dict(sorted(groups.items()))


async def _take_group(
    books: Books, teller: Teller, group: Sequence[Taken], findings: Findings
) -> None:
    """Tell one edition: money first, then trades and holdings, and the day's figures last."""
    statements = [taken.statement for taken in group]
    claim = Claim(
        teller.broker,
        teller.edition,
        frozenset(s.account for s in statements),
        frozenset(s.account for s in statements if not s.funds.whole),
    )
    found = await settle_funds(books, claim, [row for s in statements for row in s.funds.each()])
    changes = Changes()
    day = Day(teller, frozenset(await books.files.kinds_in(teller.edition.day)))
    for taken in group:
        apply(changes, taken.statement, (taken.known, taken.last), day)
    await _write(books, teller.edition.day, changes)
    findings.stored += found.stored + await store(books, changes.facts)
    findings.stored += await _settle(books, teller, statements)
    findings.bad += changes.bad
    await _remember(books, group)


async def _write(books: Books, day: TradingDay, changes: Changes) -> None:
    for kind, rows in changes.kept.items():
        await books.day_rows.write(day, kind, rows)
    for kind, names in changes.gone.items():
        await books.day_rows.forget(day, kind, names)


async def _settle(books: Books, teller: Teller, statements: Sequence[Statement]) -> Counter[str]:
    before = await books.settlements.of(teller.edition.day, {s.account for s in statements})
    told: dict[str, Figures] = {}
    for statement in statements:
        account, figures = statement.account, statement.figures
        if figures and (changed := over(figures, before.get(account))):
            told[account] = changed
    return await tell_settled(books, teller, told)


async def _remember(books: Books, group: Sequence[Taken]) -> None:
    entries: dict[str, Entry] = {}
    for taken in group:
        statement = taken.statement
        taken.known.seen[statement.layout] = taken.digest
        entries[taken.name] = Entry(taken.version, msgspec.json.encode(taken.known))
        if str(statement.day) >= taken.last.day:
            lots = sum(row.lots for row in statement.held.each())
            last = Last(str(statement.day), lots if statement.held.whole else taken.last.lots)
            entries[_last(statement)] = Entry(1, msgspec.json.encode(last))
    await books.directory.write("account_days", entries)


def _name(statement: Statement) -> str:
    return f"{KIND}/{statement.account}/{statement.day}"


def _last(statement: Statement) -> str:
    return f"{KIND}/{statement.account}"
