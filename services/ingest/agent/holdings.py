"""持仓文件 — each account's complete book is told, and told again when a file changes it.

Futures and options come in two files; 持仓明细 adds how much of it was opened today. Whichever
comes last completes the book: what is told last is the same.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from services.ingest.agent.edition import Findings, Taking, store
from services.ingest.agent.settling_again import note_unread, settle_again, unread_of
from services.ingest.domain.books import Books
from services.ingest.domain.day_rows import kept
from services.ingest.domain.dealt import HoldingRow, entries
from services.ingest.domain.fact import Fact
from services.ingest.domain.holdings import books_of, held, opened_today, today_rows
from services.ingest.domain.replacement import Difference, compare
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.holddetails import DetailRow
from services.ingest.domain.tally import HELD
from services.ingest.domain.telling import Teller

DETAILS = "holddetails"


async def take_futures(books: Books, taking: Taking, rows: Sequence[Good[HoldingRow]]) -> Findings:
    """Take 持仓汇总."""
    return await _take_holdings(books, taking, rows, "holddata")


async def take_options(books: Books, taking: Taking, rows: Sequence[Good[HoldingRow]]) -> Findings:
    """Take 期权持仓."""
    return await _take_holdings(books, taking, rows, "optholddata")


async def take_details(books: Books, taking: Taking, rows: Sequence[Good[DetailRow]]) -> Findings:
    """Take 持仓明细; the books that are told already are told again where it says something new."""
    teller = Teller(taking.broker, DETAILS, taking.edition)
    opened = today_rows(good.row for good in rows)
    written = await write_rows(books, teller, [Good(0, b"", row) for row in opened])
    accounts = written.accounts - await unread_of(books, teller.edition.day, HELD)
    stored = await _tell(books, teller, accounts, only_holders=True)
    return Findings(stored, notes={"unchanged": written.difference.unchanged})


async def _take_holdings(
    books: Books, taking: Taking, rows: Sequence[Good[HoldingRow]], kind: str
) -> Findings:
    teller = Teller(taking.broker, kind, taking.edition)
    written = await write_rows(books, teller, rows)
    read_now = await note_unread(books, teller, taking.unread)
    unread = await unread_of(books, teller.edition.day, HELD)
    emptied = (await _emptied(books, teller) if taking.version == 1 else set()) - unread
    accounts = (written.accounts | emptied | read_now) - unread  # half a book is none
    stored = await _tell(books, teller, accounts)
    stored += await settle_again(books, teller)
    difference = written.difference
    notes: dict[str, object] = {"unchanged": difference.unchanged, "emptied": len(emptied)}
    return Findings(stored, list(difference.bad), notes)


class Written(NamedTuple):
    """What rows have changed, whose it is, and of whom there were rows before."""

    difference: Difference
    accounts: set[str]
    known: set[str]


async def write_rows(books: Books, teller: Teller, rows: Sequence[Good[Any]]) -> Written:
    """Write what the rows change and return it, with whose it is."""
    day, kind = teller.edition.day, teller.kind
    before = await books.day_rows.of(day, kind)
    difference = await asyncio.to_thread(lambda: compare(before, entries(rows)))
    await books.day_rows.write(day, kind, kept(difference.changed))
    await books.day_rows.forget(day, kind, difference.gone)
    accounts = {entry.good.row.account for entry in difference.changed}
    return Written(difference, accounts | _whose(difference.gone), _whose(before))


def _whose(names: Iterable[str]) -> set[str]:
    return {name.partition("/")[0] for name in names}


async def _emptied(books: Books, teller: Teller) -> set[str]:
    """Return who held something of this kind the settled day before and holds nothing now.

    Who may still hold something in the file that is not in yet is told of when it is.
    """
    day = teller.edition.day
    kinds = await books.files.kinds_in(day) | {teller.kind}
    now = {account for account, (lots, _) in (await books.day_rows.sums(day, HELD)).items() if lots}
    for kind in set(HELD) - kinds:
        now |= await books.day_rows.held_before(day, kind)
    return await books.day_rows.held_before(day, teller.kind) - now


async def _tell(
    books: Books, teller: Teller, accounts: set[str], only_holders: bool = False
) -> Counter[str]:
    if not accounts:
        return Counter()
    day = teller.edition.day
    halves = [content for kind in HELD for content in await _contents(books, day, kind)]
    details = await _contents(books, day, DETAILS)

    def facts() -> list[Fact]:
        book, today = books_of(halves), opened_today(details)
        whose = accounts & book.keys() if only_holders else accounts
        return [held(name, book.get(name, ()), today, teller) for name in sorted(whose)]

    return await store(books, await asyncio.to_thread(facts))


async def _contents(books: Books, day: date, kind: str) -> list[str]:
    return list((await books.day_rows.of(day, kind)).values())
