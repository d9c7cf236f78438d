"""协议文件 — each agreement whose end or note changed is told."""

from collections.abc import Sequence

from services.ingest.agent.edition import Findings, Taking, next_version, store
from services.ingest.domain.background import agreed, agreement_name
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.fact import Fact
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.agreements import AgreementRow


async def take(books: Books, taking: Taking, rows: Sequence[Good[AgreementRow]]) -> Findings:
    """Tell which agreements the rows change; of several rows on one the last holds."""
    newest = {agreement_name(good.row): good for good in rows}
    entries = await books.directory.entries("agreements", newest)
    written: dict[str, Entry] = {}
    facts: list[Fact] = []
    lines: set[int] = set()
    for name, good in newest.items():
        row = good.row
        body = f"{row.ends_on}/{row.note}".encode()
        if name in entries and entries[name].body == body:
            continue
        version = next_version(entries, name)
        written[name] = Entry(version, body)
        facts.append(agreed(taking.broker, row, taking.edition.day, version))
        lines.add(good.line)
    await books.directory.write("agreements", written)
    return Findings(await store(books, facts), notes={"changed": len(facts)}, changed=lines)
