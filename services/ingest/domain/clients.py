"""客户 — clients as the relations files tell them: one client, all of its accounts.

A file need not hold every account; those it does not name stay as they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from services.ingest.domain.sources.relations import ClientName, RelationRow
from shared.contracts.customers import Relation


@dataclass(frozen=True)
class Client:
    """A client's whole state; the name is masked wherever it is printed."""

    customer_id: str
    name: ClientName
    customer_type: str
    relations: tuple[Relation, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)


def merge(
    before: Mapping[str, Client], owners: Mapping[str, str], rows: Iterable[RelationRow]
) -> list[Client]:
    """Return the clients that the rows change, each in its new state, by customer id.

    ``owners``: account → customer id as known before. An account that goes to another client
    leaves the one it had. Of several rows on one account the last holds.
    """
    after = dict(before)
    belongs = dict(owners)
    for row in rows:
        account = row.relation.account
        former = belongs.get(account)
        if former and former != row.customer_id:
            after[former] = _without(after[former], account)
        belongs[account] = row.customer_id
        after[row.customer_id] = _with(after.get(row.customer_id), row)
    return [after[name] for name in sorted(after) if after[name] != before.get(name)]


def _with(client: Client | None, row: RelationRow) -> Client:
    others = _without(client, row.relation.account).relations if client else ()
    relations = tuple(sorted((*others, row.relation), key=lambda r: r.account))
    tags = (client.tags if client else {}) | row.tags
    return Client(row.customer_id, row.name, row.customer_type, relations, tags)


def _without(client: Client, account: str) -> Client:
    return replace(client, relations=tuple(r for r in client.relations if r.account != account))
