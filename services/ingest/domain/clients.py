"""客户 — clients as relations and CFMMC files tell them: one client, all of its accounts.

A relations file need not hold every account; those it does not name stay as they are. A client
whose account no relation has named yet goes by an id made from the person; the first relation
that names one of its accounts gives that client its number, and the id stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from services.ingest.domain.handover import Roster, followed
from services.ingest.domain.person import ClientName
from services.ingest.domain.sources.relations import RelationRow
from shared.contracts.customers import Relation

BY_PERSON = "person-"
"""What the id of a client begins with whom no relation named first."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A person's fields as they are kept: encrypted, with their blind indexes."""

    phone: str | None = None
    id_card: str | None = None
    address: str | None = None
    phone_index: str | None = None
    id_index: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A person's situation as it is kept: the birthday encrypted."""

    birthday: str | None = None
    occupation: str | None = None
    income_source: str | None = None


@dataclass(frozen=True)
class Client:
    """A client's whole state; the name is masked wherever it is printed.

    ``number``: the broker's own, where it is not the id.
    """

    customer_id: str
    name: ClientName
    customer_type: str
    relations: tuple[Relation, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    number: str | None = None
    person: Sealed = Sealed()
    situation: Kept = Kept()

    @property
    def nameless(self) -> bool:
        """Say whether no relation has named the client yet."""
        return self.number is None and self.customer_id.startswith(BY_PERSON)

    def relation(self, account: str) -> Relation | None:
        """Return the relation of one account."""
        return next((r for r in self.relations if r.account == account), None)

    def with_relation(self, relation: Relation) -> "Client":
        """Return the client with an account more, or as it is now."""
        others = (r for r in self.relations if r.account != relation.account)
        return replace(self, relations=tuple(sorted((*others, relation), key=lambda r: r.account)))

    def without(self, account: str) -> "Client":
        """Return the client with an account less; with none left, nothing of the person is kept."""
        left = tuple(r for r in self.relations if r.account != account)
        if left:
            return replace(self, relations=left)
        return replace(self, relations=left, person=Sealed(), situation=Kept())


def merge(
    before: Mapping[str, Client],
    owners: Mapping[str, str],
    rows: Iterable[RelationRow],
    roster: Roster,
) -> list[Client]:
    """Return the clients that the rows change, each in its new state, by customer id.

    ``before``: every client that the rows name, by id or number, or that has one of their accounts;
    ``owners``: account → customer id. An account that goes to another client leaves the one it had.
    Of several rows on one account the last holds. A leaver's accounts are the successor's.
    """
    after, belongs = dict(before), dict(owners)
    numbers = {client.number: name for name, client in before.items() if client.number}
    for row in rows:
        account = row.relation.account
        former = after.get(belongs.get(account, ""))
        known = former.relation(account) if former else None
        client = _whose(row, former, after, numbers)
        if former and former.customer_id != client.customer_id:
            after[former.customer_id] = former.without(account)
        relation = followed(known, row.relation, roster)
        after[client.customer_id] = client.with_relation(relation)
        belongs[account] = client.customer_id
    return changed(before, after)


def _whose(
    row: RelationRow,
    former: Client | None,
    after: Mapping[str, Client],
    numbers: dict[str, str],
) -> Client:
    """Return the client that the row means, as the row describes it."""
    told = after.get(numbers.get(row.customer_id, row.customer_id))
    if told is None and former is not None and former.nameless:
        numbers[row.customer_id] = former.customer_id
        told = replace(former, number=row.customer_id)
    if told is None:
        return Client(row.customer_id, row.name, row.customer_type, tags=dict(row.tags))
    tags = told.tags | row.tags
    return replace(told, name=row.name, customer_type=row.customer_type, tags=tags)


def changed(before: Mapping[str, Client], after: Mapping[str, Client]) -> list[Client]:
    """Return the clients that are not as they were, by customer id."""
    return [after[name] for name in sorted(after) if after[name] != before.get(name)]
