"""账户基线文件 — each account of which something changed is told."""

from collections.abc import Sequence

from services.ingest.agent.edition import Findings, Taking, next_version, store
from services.ingest.domain.background import baselined
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.fact import Fact
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.baselines import BaselineRow


async def take(books: Books, taking: Taking, rows: Sequence[Good[BaselineRow]]) -> Findings:
    """Tell which accounts the rows change; of several rows on one the last holds."""
    newest = {good.row.account: good for good in rows}
    entries = await books.directory.entries("baselines", newest)
    written: dict[str, Entry] = {}
    facts: list[Fact] = []
    lines: set[int] = set()
    for account, good in newest.items():
        row, body = good.row, _body(good.row)
        if account in entries and entries[account].body == body:
            continue
        version = next_version(entries, account)
        written[account] = Entry(version, body)
        facts.append(baselined(taking.broker, row, taking.edition.day, version))
        lines.add(good.line)
    await books.directory.write("baselines", written)
    return Findings(await store(books, facts), notes={"changed": len(facts)}, changed=lines)


def _body(row: BaselineRow) -> bytes:
    """Return what the row says; the later columns only where one of them is filled."""
    dates = (row.opened_on, row.last_trade_on, row.last_position_on)
    ends = (row.risk_level, row.risk_level_until, row.certificate_until)
    return "/".join(map(str, (*dates, *(ends if any(ends) else ())))).encode()
