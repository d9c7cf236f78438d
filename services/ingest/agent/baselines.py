"""账户基线文件 — each account of which something changed is told, and the person whose it is."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.ingest.agent.clients import Held, recall, tell
from services.ingest.agent.edition import Findings, Taking, next_version, store
from services.ingest.agent.sealing import Sealer, situated
from services.ingest.domain.background import baselined
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.clients import Client, changed
from services.ingest.domain.fact import Fact
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.baselines import BaselineRow


async def take(books: Books, taking: Taking, rows: Sequence[Good[BaselineRow]]) -> Findings:
    """Tell which accounts the rows change; of several rows on one account the last holds."""
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
    found = Findings(await store(books, facts), notes={"changed": len(facts)}, changed=lines)
    await _people(books, taking, list(newest.values()), found)
    return found


async def _people(
    books: Books, taking: Taking, rows: Sequence[Good[BaselineRow]], found: Findings
) -> None:
    """Tell the clients of whom the rows say something new; an account of nobody's is counted."""
    said = [good for good in rows if good.row.person]
    owners = await books.directory.owners([good.row.account for good in said])
    held = await recall(books, taking, set(owners.values()))
    learnt = await asyncio.to_thread(_learn, held, owners, said, taking.sealer)
    found.stored += await tell(books, taking, held, learnt)
    people = {client.customer_id for client in learnt}
    found.changed |= {good.line for good in said if owners.get(good.row.account) in people}
    found.notes |= {"people": len(people), "ownerless": len(said) - len(owners)}


def _learn(
    held: Held, owners: Mapping[str, str], rows: Sequence[Good[BaselineRow]], sealer: Sealer
) -> list[Client]:
    after = dict(held.clients)
    for row in (good.row for good in rows):
        if client := after.get(owners.get(row.account, "")):
            situation = situated(sealer, row.person, client.situation)
            after[client.customer_id] = replace(client, situation=situation)
    return changed(held.clients, after)


def _body(row: BaselineRow) -> bytes:
    """Return what the row says of the account; later columns only where one of them is filled."""
    dates = (row.opened_on, row.last_trade_on, row.last_position_on)
    ends = (row.risk_level, row.risk_level_until, row.certificate_until)
    return "/".join(map(str, (*dates, *(ends if any(ends) else ())))).encode()
