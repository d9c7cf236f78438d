"""关系文件 — each client whose merged state changed is told, whole."""

import asyncio
from collections.abc import Sequence

from services.ingest.agent.clients import recall, tell
from services.ingest.agent.edition import Findings, Taking
from services.ingest.agent.handing import roster_of
from services.ingest.domain.books import Books
from services.ingest.domain.clients import merge
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.relations import RelationRow


async def take(books: Books, taking: Taking, rows: Sequence[Good[RelationRow]]) -> Findings:
    """Merge the rows into the clients known, and tell those that changed."""
    owners = await books.directory.owners({good.row.relation.account for good in rows})
    told = {good.row.customer_id for good in rows}
    numbers = await books.directory.known_as({f"no:{name}" for name in told})
    held = await recall(books, taking, told | {*owners.values(), *numbers.values()})
    roster = await roster_of(books, taking.day)
    read = [good.row for good in rows]
    changed = await asyncio.to_thread(merge, held.clients, owners, read, roster)
    stored = await tell(books, taking, held, changed)
    news = {relation.account for client in changed for relation in client.relations}
    lines = {good.line for good in rows if good.row.relation.account in news}
    return Findings(stored, notes={"changed": len(changed)}, changed=lines)
