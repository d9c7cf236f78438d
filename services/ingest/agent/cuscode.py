"""交易编码 — each trading code is told once; that a later file lacks it says nothing."""

from collections.abc import Sequence

from services.ingest.agent.edition import Findings, Taking, store
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.registrations import At, code_name, granted
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.cuscode import CodeRow


async def take(books: Books, taking: Taking, rows: Sequence[Good[CodeRow]]) -> Findings:
    """Tell the codes that are new."""
    named = {code_name(good.row): good.row for good in rows}
    known = await books.directory.entries("trading_codes", named)
    fresh = {name: row for name, row in named.items() if name not in known}
    at = At(taking.broker, taking.edition.day)
    stored = await store(books, [granted(row, at) for row in fresh.values()])
    await books.directory.write("trading_codes", {name: Entry(1, b"") for name in fresh})
    notes: dict[str, object] = {"changed": len(fresh), "unchanged": len(named) - len(fresh)}
    return Findings(stored, notes=notes)
