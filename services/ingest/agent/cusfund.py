"""结算文件 — a day's ``cusfund``: every account settles, or settles again where it differs.

The lots and fees beside the funds are those of the files of trading and holding, as far as in.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from services.ingest.agent.edition import Findings, Taking, store
from services.ingest.agent.settling_again import counted
from services.ingest.domain.books import Books
from services.ingest.domain.dealt import Entry
from services.ingest.domain.replacement import compare
from services.ingest.domain.rows import Good
from services.ingest.domain.settlement import Figures, settled
from services.ingest.domain.sources.cusfund import FundRow
from services.ingest.domain.tally import Counted, of_account
from services.ingest.domain.telling import Teller


async def take(books: Books, taking: Taking, rows: Sequence[Good[FundRow]]) -> Findings:
    """Compare with what was settled before and tell the difference."""
    day, teller = taking.edition.day, Teller(taking.broker, "cusfund", taking.edition)
    before = await books.settlements.of(day)
    now = await counted(books, teller, taking.tally)
    difference = await asyncio.to_thread(lambda: compare(before, _entries(rows, before, now)))
    facts = await asyncio.to_thread(
        lambda: [settled(entry.good.row, teller, entry.name) for entry in difference.changed]
    )
    stored = await store(books, facts)
    await books.settlements.write(day, {e.name: e.content for e in difference.changed})
    notes: dict[str, object] = {
        "unchanged": difference.unchanged,
        "vanished": list(difference.gone),
    }
    return Findings(stored, list(difference.bad), notes)


def _entries(
    rows: Sequence[Good[FundRow]], before: Mapping[str, str], now: list[Counted]
) -> Iterator[Entry]:
    for good in rows:
        account = good.row.account
        figures = Figures(good.row, of_account(now, account)).over(before.get(account))
        yield Entry(Good(good.line, good.raw, figures), account, figures.content())
