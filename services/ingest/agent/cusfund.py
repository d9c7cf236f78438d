"""结算文件 — a day's ``cusfund``: every account settles, or settles again where it differs."""

import asyncio
from collections.abc import Sequence

from services.ingest.agent.edition import Findings, Taking, store
from services.ingest.domain.books import Books
from services.ingest.domain.normalise import settled
from services.ingest.domain.replacement import compare
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.cusfund import FundRow


async def take(books: Books, taking: Taking, rows: Sequence[Good[FundRow]]) -> Findings:
    """Compare with what was settled before and tell the difference."""
    edition = taking.edition
    before = await books.settlements.of(edition.day)
    difference = await asyncio.to_thread(compare, before, rows)
    facts = await asyncio.to_thread(
        lambda: [settled(taking.broker, row, edition) for row, _ in difference.settled]
    )
    stored = await store(books, facts)
    await books.settlements.write(
        edition.day, {row.account: content for row, content in difference.settled}
    )
    notes: dict[str, object] = {
        "unchanged": difference.unchanged,
        "vanished": list(difference.vanished),
    }
    return Findings(stored, list(difference.bad), notes)
