"""客户基本资料 — accounts whose registration changed are told, and the persons behind them.

A row that says what it said before costs one keyed digest: a broker's file has every account every
day, and a handful differ.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.ingest.agent.clients import Held, recall, tell
from services.ingest.agent.edition import Findings, Taking, next_version, store
from services.ingest.agent.sealing import Blind, Sealing
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.clients import BY_PERSON, Client, changed
from services.ingest.domain.fact import Fact, digest
from services.ingest.domain.registrations import At, Mark, content, opened, told_of
from services.ingest.domain.rows import Good, Unreadable
from services.ingest.domain.sources.customer import CustomerRow
from shared.contracts.customers import Relation

DERIVED = 24  # hexadecimal digits of an id made from a person


@dataclass(frozen=True)
class News:
    """A row that says something new, and what was remembered of the account before."""

    row: CustomerRow
    fingerprint: str
    before: Mark | None


async def take(books: Books, taking: Taking, rows: Sequence[Good[CustomerRow]]) -> Findings:
    """Tell what the rows change; of several rows on one account the last holds."""
    blind = index_of(taking)
    newest = {good.row.account: good.row for good in rows}
    owners = await books.directory.owners(newest)
    entries = await books.directory.entries("registrations", newest)
    day = taking.edition.day
    found = await asyncio.to_thread(_news, newest, owners, entries, blind)
    news = [one for one in found if one.before is None or one.before.day <= day]
    whose = await _whose(books, news, owners, blind)
    told = await _tell_people(books, taking, news, whose)
    written, facts = await asyncio.to_thread(_registered, taking, news, whose, entries)
    await books.directory.write("registrations", written)
    stored = await store(books, facts)
    notes: dict[str, object] = {
        "changed": len(facts),
        "unchanged": len(newest) - len(found),
        "older": len(found) - len(news),
    }
    return Findings(stored + told, notes=notes)


def _registered(
    taking: Taking, news: Sequence[News], whose: Mapping[str, str], entries: Mapping[str, Entry]
) -> tuple[dict[str, Entry], list[Fact]]:
    """Return what is remembered of the accounts, and what is told of them."""
    written: dict[str, Entry] = {}
    facts: list[Fact] = []
    day = taking.edition.day
    for one in news:
        account, says = one.row.account, told_of(one.row)
        version = next_version(entries, account)
        mark = Mark(day, one.fingerprint, whose[account], says)
        written[account] = Entry(version, mark.encode())
        if one.before is None or one.before.told != says:
            facts.append(opened(one.row, At(taking.broker, day, version)))
    return written, facts


def index_of(taking: Taking) -> Blind:
    """Return the blind index; without a key nothing of a person may be taken in."""
    if taking.blind is None:
        raise Unreadable("no index key is configured: set INGEST_INDEX_KEYS")
    return taking.blind


def _news(
    newest: Mapping[str, CustomerRow],
    owners: Mapping[str, str],
    entries: Mapping[str, Entry],
    blind: Blind,
) -> list[News]:
    """Return the rows that are not as remembered, or whose account is somebody else's now."""
    found: list[News] = []
    for account, row in newest.items():
        entry = entries.get(account)
        before = Mark.decode(entry.body) if entry else None
        fingerprint = blind.entry("row", content(row))
        if before is None or (before.fingerprint, before.customer_id) != (
            fingerprint,
            owners.get(account),
        ):
            found.append(News(row, fingerprint, before))
    return found


async def _whose(
    books: Books, news: Sequence[News], owners: Mapping[str, str], blind: Blind
) -> dict[str, str]:
    """Return account → customer id: the relations' word, else the person's, else one made here."""
    entries = {
        one.row.account: [f"id:{entry}" for entry in blind.look_up("id_number", card.reveal())]
        for one in news
        if (card := one.row.person.id_card)
    }
    asked = {name for names in entries.values() for name in names}
    known = await books.directory.known_as(asked)
    whose: dict[str, str] = {}
    for one in sorted(news, key=lambda one: one.row.account not in owners):
        account = one.row.account
        names = entries.get(account, [])
        by_person = next((known[name] for name in names if name in known), None)
        made = f"{BY_PERSON}{digest(names[:1] or ['account', account])[:DERIVED]}"
        whose[account] = owners.get(account) or by_person or made
        known |= dict.fromkeys(names[:1], whose[account])
    await books.directory.write_known_as({n: c for n, c in known.items() if n in asked})
    return whose


async def _tell_people(
    books: Books, taking: Taking, news: Sequence[News], whose: Mapping[str, str]
) -> Counter[str]:
    held = await recall(books, taking, set(whose.values()))
    sealing = Sealing(taking.sealer, index_of(taking))
    learnt = await asyncio.to_thread(_learn, held, news, whose, sealing)
    return await tell(books, taking, held, learnt)


def _learn(
    held: Held, news: Sequence[News], whose: Mapping[str, str], sealing: Sealing
) -> list[Client]:
    """Return the clients about whom the rows say something new; relations keep the name's word."""
    after = dict(held.clients)
    for one in news:
        row, name = one.row, whose[one.row.account]
        client = after.get(name) or Client(name, row.person.name, row.customer_type)
        if client.nameless:
            client = replace(client, name=row.person.name, customer_type=row.customer_type)
        if client.relation(row.account) is None:
            client = client.with_relation(Relation(account=row.account))
        after[name] = replace(client, person=sealing.person(row.person, client.person))
    return changed(held.clients, after)
