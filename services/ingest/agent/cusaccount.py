"""客户结算账户 — each card whose signing changed is told, masked; cards are told apart blindly."""

from collections.abc import Mapping, Sequence

from services.ingest.agent.customer import index_of
from services.ingest.agent.edition import Findings, Taking, next_version, store
from services.ingest.agent.sealing import Blind
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.fact import Fact, digest
from services.ingest.domain.registrations import At, signed
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.cusaccount import BankRow


async def take(books: Books, taking: Taking, rows: Sequence[Good[BankRow]]) -> Findings:
    """Tell which cards were signed or taken out; of several rows on one card the last holds."""
    blind, day = index_of(taking), taking.edition.day
    newest = {_names(good.row, blind): good.row for good in rows}
    entries = await books.directory.entries("banks", {n for names in newest for n in names})
    facts: list[Fact] = []
    written: dict[str, Entry] = {}
    older = 0
    for names, row in newest.items():
        name = next((known for known in names if known in entries), names[0])
        if name != names[0]:  # the card under an older index key: it goes on under today's
            written[names[0]] = entries[name]
        before = _told(entries, name)
        if before[0] > str(day):
            older += 1
        elif before[1] != (state := str(row.signed)):
            version = next_version(entries, name)
            written[names[0]] = Entry(version, f"{day}/{state}".encode())
            facts.append(signed(row, names[0], At(taking.broker, day, version)))
    await books.directory.write("banks", written)
    unchanged = len(newest) - len(facts) - older
    notes: dict[str, object] = {"changed": len(facts), "unchanged": unchanged, "older": older}
    return Findings(await store(books, facts), notes=notes)


def _names(row: BankRow, blind: Blind) -> tuple[str, ...]:
    """Return what names a card, under today's index key and those before it."""
    place = f"{row.account}/{row.bank_id}/{row.currency}"
    cards = blind.look_up("bank_card", row.card.reveal())
    return tuple(f"{place}/{digest([card])[:16]}" for card in cards)


def _told(entries: Mapping[str, Entry], name: str) -> tuple[str, str]:
    """Return the day and the state that were told last."""
    if name not in entries:
        return ("", "")
    day, _, state = entries[name].body.decode().partition("/")
    return (day, state)
