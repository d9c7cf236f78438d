"""关系文件 — each client whose merged state changed is told, whole."""

from collections.abc import Sequence

from services.ingest.agent.edition import Findings, Sealer, Taking, next_version, store
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.clients import Client, merge
from services.ingest.domain.fact import OWN_SOURCES, Fact, customer_fact
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.relations import ClientName, RelationRow
from shared.contracts.customers import Customer, CustomerChanged
from shared.kernel.masking import mask_name

NAME = "customer.name"
"""The sealing context of a client's name."""


async def take(books: Books, taking: Taking, rows: Sequence[Good[RelationRow]]) -> Findings:
    """Merge the rows into the clients known, and tell those that changed."""
    owners = await books.directory.owners({good.row.relation.account for good in rows})
    names = {good.row.customer_id for good in rows} | set(owners.values())
    entries = await books.directory.entries("customers", names)
    held = {name: Customer.model_validate_json(entry.body) for name, entry in entries.items()}
    before = {name: _opened(customer, taking.sealer) for name, customer in held.items()}
    changed = merge(before, owners, [good.row for good in rows])
    written: dict[str, Entry] = {}
    facts: list[Fact] = []
    for client in changed:
        customer = _sealed(client, taking, held.get(client.customer_id))
        version = next_version(entries, client.customer_id)
        written[client.customer_id] = Entry(version, customer.model_dump_json().encode())
        facts.append(_customer_changed(customer, version, taking))
    await books.directory.write("customers", written)
    accounts = {good.row.relation.account: good.row.customer_id for good in rows}
    await books.directory.write_owners(accounts)
    return Findings(await store(books, facts), notes={"changed": len(facts)})


def _opened(customer: Customer, sealer: Sealer) -> Client:
    name = ClientName(sealer.open(customer.sealed_name, NAME))
    return Client(
        customer.customer_id, name, customer.customer_type, customer.relations, customer.tags
    )


def _sealed(client: Client, taking: Taking, former: Customer | None) -> Customer:
    name = client.name.reveal()
    kept = former.sealed_name if former else ""
    same = bool(kept) and taking.sealer.open(kept, NAME) == name
    return Customer(
        broker=taking.broker,
        customer_id=client.customer_id,
        customer_type=client.customer_type,
        display_name=mask_name(name),
        sealed_name=kept if same else taking.sealer.seal(name, NAME),
        relations=client.relations,
        tags=client.tags,
    )


def _customer_changed(customer: Customer, version: int, taking: Taking) -> Fact:
    return customer_fact(
        CustomerChanged(
            id=f"{customer.customer_id}/{version}",
            source=f"{OWN_SOURCES}relations",
            subject=customer.customer_id,
            time=taking.now,
            data=customer,
        )
    )
