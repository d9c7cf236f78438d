"""配置来的行 — rows that a profile read, each kind told as the same rows of our own files are."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.ingest.agent.dealings import Dealings
from services.ingest.agent.edition import Findings, Handler, Taking, store
from services.ingest.agent.fundchg import Claim, settle_funds
from services.ingest.agent.holdings import write_rows
from services.ingest.agent.live import tell
from services.ingest.agent.settling_again import counted, note_unread, settle_again, tell_settled
from services.ingest.domain.books import Books
from services.ingest.domain.day_rows import kept
from services.ingest.domain.dealt import TradeRow, entries
from services.ingest.domain.fact import Fact
from services.ingest.domain.holdings import books_of, held
from services.ingest.domain.normalise import Edition
from services.ingest.domain.replacement import Difference, compare
from services.ingest.domain.rows import Bad, Good
from services.ingest.domain.settlement import Figures
from services.ingest.domain.statements.known import over
from services.ingest.domain.tally import Counted, of_account
from services.ingest.domain.telling import Teller
from shared.contracts.stream import StreamEvent
from shared.kernel.trading_day import TradingDay

Rows = Sequence[Good[Any]]


async def take_live(books: Books, taking: Taking, rows: Sequence[Good[StreamEvent]]) -> Findings:
    """Tell events as a push of them would; what is known under its own name is not told again."""
    events = taking.rehearsal.marked([good.row for good in rows])
    fresh = await tell(books, [_past(one) for one in events] if taking.history else events, [])
    notes: dict[str, object] = {"known": len(events) - len(fresh)}
    return Findings(Counter(event.type for event in fresh), notes=notes)


def _past(event: StreamEvent) -> StreamEvent:
    """Return an event marked as history: as a state it is none, a closed day has it no later."""
    data = event.data.model_copy(update={"backfill": True})
    return event.model_copy(update={"data": data})


@dataclass(frozen=True)
class ByDay:
    """Takes rows day by day, the earliest first. ``whole``: a file is its day even when empty."""

    take_day: Callable[[Books, Taking, Rows], Awaitable[Findings]]
    whole: bool = False

    async def take(self, books: Books, taking: Taking, rows: Rows) -> Findings:
        """Take the rows of each day."""
        days: dict[TradingDay, list[Good[Any]]] = defaultdict(list)
        if self.whole:
            days[taking.edition.day] = []
        for good in rows:
            days[good.row.day].append(Good(good.line, good.raw, good.row.row))
        all_, notes = Findings(), Counter[str]()
        for day in sorted(days):
            found = await self.take_day(books, replace(taking, day=day), days[day])
            all_.stored += found.stored
            all_.bad += found.bad
            notes.update({name: n for name, n in found.notes.items() if isinstance(n, int)})
        return replace(all_, notes=dict(notes))


async def settle_day(books: Books, taking: Taking, rows: Rows) -> Findings:
    """Settle a day's movements: what the file lacks is taken back."""
    claim = Claim(taking.broker, _edition(taking), whole=taking.whole)
    return await settle_funds(books, claim, [good.row for good in rows])


async def take_balances(books: Books, taking: Taking, rows: Sequence[Good[Figures]]) -> Findings:
    """Settle the accounts whose figures are new; those that are not there stay as they are."""
    teller, findings = _teller(taking), Findings()
    accounts = {good.row.row.account for good in rows}
    before = await books.settlements.of(taking.edition.day, accounts)
    now = await counted(books, teller, taking.tally, accounts)
    seen: dict[str, str] = {}
    told: dict[str, Figures] = {}
    for good in rows:
        account, content = good.row.row.account, good.row.content()
        if seen.setdefault(account, content) != content:
            findings.bad.append(Bad(good.line, good.raw, "account: twice, with other figures"))
        elif changed := over(_completed(good.row, now), before.get(account)):
            told[account] = changed
    findings.stored = await tell_settled(books, teller, told)
    findings.notes = {"unchanged": len(seen) - len(told)}
    return findings


def _completed(figures: Figures, now: list[Counted]) -> Figures:
    """Return the figures with what their rows add up to, where they do not say it themselves."""
    return Figures(figures.row, {**of_account(now, figures.row.account), **figures.more})


async def take_trades(books: Books, taking: Taking, rows: Sequence[Good[TradeRow]]) -> Findings:
    """Tell the trades that are new or say something else; none is cancelled for not being here."""
    day, teller = taking.edition.day, _teller(taking)
    named = await asyncio.to_thread(lambda: list(entries(rows)))
    before = await books.day_rows.of(day, taking.kind, [entry.name for entry in named])
    difference = await asyncio.to_thread(compare, before, named)
    stored = await store(books, await asyncio.to_thread(_traded, teller, difference))
    await books.day_rows.write(day, taking.kind, kept(difference.changed))
    await note_unread(books, teller, taking.unread)
    whose = {entry.good.row.account for entry in difference.changed} | taking.unread
    stored += await settle_again(books, teller, taking.tally, whose)
    return Findings(stored, list(difference.bad), {"unchanged": difference.unchanged})


def _traded(teller: Teller, difference: Difference) -> list[Fact]:
    return [
        teller.tell("trade.settled", entry.name, entry.good.row.body() | {"cancelled": False})
        for entry in difference.changed
    ]


async def settle_trades(books: Books, taking: Taking, rows: Sequence[Good[TradeRow]]) -> Findings:
    """Tell a whole day's trades; one that the file before it had, and it has not, is cancelled."""
    dealings = Dealings(taking.kind, "trade.settled", TradeRow, counts=True)
    return await dealings.take(books, taking, rows)


async def settle_positions(books: Books, taking: Taking, rows: Rows) -> Findings:
    """Tell the book of every account that changed, or that holds no more than the day before.

    Of an account with a line that could not be read no book is told: half of one is none.
    """
    day, kind, teller = taking.edition.day, taking.kind, _teller(taking)
    written = await write_rows(books, teller, rows)
    read_now = await note_unread(books, teller, taking.unread)
    book = books_of((await books.day_rows.of(day, kind)).values())
    emptied = await books.day_rows.held_before(day, kind) - book.keys() - written.known
    changed = sorted((written.accounts | emptied | read_now) - taking.unread)
    facts = [held(account, book.get(account, ()), {}, teller) for account in changed]
    difference = written.difference
    notes: dict[str, object] = {"unchanged": difference.unchanged}
    stored = await store(books, facts)
    stored += await settle_again(books, teller, taking.tally)
    return Findings(stored, list(difference.bad), notes)


def _edition(taking: Taking) -> Edition:
    return Edition(taking.edition.day, taking.version, taking.kind)


def _teller(taking: Taking) -> Teller:
    return Teller(taking.broker, taking.kind, taking.edition)


LIVE = ("funds", "snapshots", "executions", "holdings", "forced-orders")
HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(LIVE, take_live),
    "funds-of-day": ByDay(settle_day, whole=True).take,
    "balances": ByDay(take_balances).take,
    "trades": ByDay(take_trades).take,
    "trades-of-day": ByDay(settle_trades, whole=True).take,
    "positions-of-day": ByDay(settle_positions, whole=True).take,
}
