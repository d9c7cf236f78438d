"""交接 — the clients of those who have left go to their successors, each told once."""

from dataclasses import dataclass

from services.ingest.agent.clients import recall, tell
from services.ingest.agent.edition import Findings, Taking
from services.ingest.domain.books import Books
from services.ingest.domain.clients import Client, changed
from services.ingest.domain.handover import Roster, handed_over
from shared.contracts.staff import Staff
from shared.kernel.trading_day import TradingDay
from shared.observability.metrics import CLIENTS_LEFT_BEHIND


async def roster_of(books: Books, day: TradingDay | None) -> Roster:
    """Recall the broker's people, as on a business day."""
    entries = await books.directory.whole("staff")
    people = {name: Staff.model_validate_json(entry.body) for name, entry in entries.items()}
    return Roster(people, day)


async def hand_over(books: Books, taking: Taking) -> Findings:
    """Hand over what leavers still have; with nobody to take over it stays, and is counted.

    Doing it again changes nothing: what has been handed over is nobody's who has left.
    """
    roster = await roster_of(books, taking.day)
    leavers = roster.leavers()
    names = await books.directory.clients_of(leavers) if leavers else set()
    held = await recall(books, taking, names)
    after = {name: _handed(client, roster) for name, client in held.clients.items()}
    moved = changed(held.clients, after)
    stored = await tell(books, taking, held, moved)
    behind = _left_behind(after, roster, frozenset(leavers))
    CLIENTS_LEFT_BEHIND.set(behind.clients)
    notes: dict[str, object] = {"handed_over": len(moved), "left_behind": behind.clients}
    if behind.leavers:
        notes["without_successor"] = behind.leavers
    return Findings(stored, notes=notes if leavers else {})


def _handed(client: Client, roster: Roster) -> Client:
    for relation in client.relations:
        client = client.with_relation(handed_over(relation, roster))
    return client


@dataclass(frozen=True)
class _Behind:
    clients: int
    leavers: dict[str, str]


def _left_behind(after: dict[str, Client], roster: Roster, gone: frozenset[str]) -> _Behind:
    """Count the clients whom one who is gone still has, and say of each of those why."""
    having = [
        {r.manager_id for r in client.relations if r.manager_id in gone}
        for client in after.values()
    ]
    leavers = {name for names in having for name in names if name is not None}
    why = {name: str(roster.heir(name).trouble) for name in sorted(leavers)}
    return _Behind(sum(map(bool, having)), why)
