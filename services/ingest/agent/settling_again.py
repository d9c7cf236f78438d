"""再结算 — lots and fees come with other files than the funds: who differs settles again."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from services.ingest.agent.edition import store
from services.ingest.domain.books import Books
from services.ingest.domain.day_rows import marks, unread
from services.ingest.domain.fact import Fact
from services.ingest.domain.settlement import Figures, read, settled
from services.ingest.domain.tally import HELD, TRADED, Known, Tallies
from services.ingest.domain.telling import Teller


async def tallies_of(books: Books, teller: Teller) -> Tallies:
    """Return a day's lots and fees, the file that is being taken among its kinds."""
    day = teller.edition.day
    kinds = await books.files.kinds_in(day) | {teller.kind}
    traded = await _sums(books, day, TRADED) if kinds & {*TRADED} else None
    held = await _sums(books, day, HELD) if kinds & {*HELD} else None
    return Tallies(traded, held)


async def _sums(books: Books, day: date, kinds: Sequence[str]) -> Known:
    unknown = await unread_of(books, day, kinds)
    return {**await books.day_rows.sums(day, kinds), **dict.fromkeys(unknown)}


async def unread_of(books: Books, day: date, kinds: Iterable[str]) -> set[str]:
    """Return the accounts with a line in a day's files that could not be read."""
    return {account for kind in kinds for account in await books.day_rows.of(day, unread(kind))}


async def note_unread(books: Books, teller: Teller, accounts: frozenset[str]) -> set[str]:
    """Keep whose lines of this edition could not be read; return who no longer has such a line."""
    day, kind = teller.edition.day, unread(teller.kind)
    before = set(await books.day_rows.of(day, kind))
    await books.day_rows.write(day, kind, marks(accounts - before))
    await books.day_rows.forget(day, kind, sorted(before - accounts))
    return before - accounts


async def settle_again(books: Books, teller: Teller) -> Counter[str]:
    """Tell the accounts that have settled with other lots or fees; return the facts by type."""
    before = await books.settlements.of(teller.edition.day)
    if not before:
        return Counter()
    tallies = await tallies_of(books, teller)
    return await tell_settled(books, teller, await asyncio.to_thread(_changed, before, tallies))


async def tell_settled(books: Books, teller: Teller, told: Mapping[str, Figures]) -> Counter[str]:
    """Tell accounts' final figures and remember what was said; return the facts by type."""
    stored = await store(books, await asyncio.to_thread(_facts, told, teller))
    contents = {account: figures.content() for account, figures in told.items()}
    await books.settlements.write(teller.edition.day, contents)
    return stored


def _changed(before: Mapping[str, str], tallies: Tallies) -> dict[str, Figures]:
    changed: dict[str, Figures] = {}
    for account, content in before.items():
        known = read(account, content)
        figures = Figures(known.row, {**known.more, **tallies.of(account)})
        if figures.more != known.more:
            changed[account] = figures
    return changed


def _facts(told: Mapping[str, Figures], teller: Teller) -> list[Fact]:
    return [settled(figures, teller, f"settled/{name}") for name, figures in told.items()]
