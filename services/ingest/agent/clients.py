"""客户簿 — clients recalled from the directory, and told whole when they changed."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.ingest.agent.edition import Taking, next_version, store
from services.ingest.agent.sealing import Sealer, sealed
from services.ingest.domain.books import Books, Entry, Owner
from services.ingest.domain.clients import Client, Kept, Sealed
from services.ingest.domain.fact import OWN_SOURCES, Fact, customer_fact
from services.ingest.domain.person import ClientName
from shared.contracts.customers import CONTEXTS, Customer, CustomerChanged
from shared.kernel.masking import mask_name

NAME = CONTEXTS["sealed_name"]


@dataclass(frozen=True)
class Held:
    """Clients as they were published last, and as the domain sees them, by customer id."""

    entries: Mapping[str, Entry]
    customers: Mapping[str, Customer]
    clients: Mapping[str, Client]


async def recall(books: Books, taking: Taking, names: Iterable[str]) -> Held:
    """Recall those of the named clients that are known."""
    entries = await books.directory.entries("customers", names)
    return await asyncio.to_thread(_held, entries, taking.sealer)


def _held(entries: Mapping[str, Entry], sealer: Sealer) -> Held:
    held = {name: Customer.model_validate_json(entry.body) for name, entry in entries.items()}
    return Held(entries, held, {name: _opened(c, sealer) for name, c in held.items()})


async def tell(books: Books, taking: Taking, held: Held, changed: Sequence[Client]) -> Counter[str]:
    """Write and tell clients in their new state."""
    news = await asyncio.to_thread(_news, taking, held, changed)
    await books.directory.write("customers", news.written)
    await books.directory.write_owners(news.owners)
    numbers = {f"no:{c.number}": c.customer_id for c in changed if c.number}
    await books.directory.write_known_as(numbers)
    return await store(books, news.facts)


@dataclass
class _News:
    written: dict[str, Entry] = field(default_factory=dict)
    owners: dict[str, Owner] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)


def _news(taking: Taking, held: Held, changed: Sequence[Client]) -> _News:
    news = _News()
    for client in changed:
        name = client.customer_id
        customer = _customer(client, taking, held.customers.get(name))
        version = next_version(held.entries, name)
        news.written[name] = Entry(version, customer.model_dump_json().encode())
        news.facts.append(_customer_changed(customer, version, taking))
        news.owners |= {r.account: Owner(name, r.manager_id) for r in client.relations}
    return news


def _opened(customer: Customer, sealer: Sealer) -> Client:
    return Client(
        customer.customer_id,
        ClientName(sealer.open(customer.sealed_name, NAME)),
        customer.customer_type,
        customer.relations,
        customer.tags,
        customer.customer_no,
        Sealed(
            customer.sealed_phone,
            customer.sealed_id_card,
            customer.sealed_address,
            customer.phone_index,
            customer.id_index,
        ),
        Kept(customer.sealed_birthday, customer.occupation, customer.income_source),
    )


def _customer(client: Client, taking: Taking, former: Customer | None) -> Customer:
    kept = former.sealed_name if former else None
    return Customer(
        broker=taking.broker,
        customer_id=client.customer_id,
        customer_type=client.customer_type,
        display_name=mask_name(client.name.reveal()),
        sealed_name=sealed(taking.sealer, client.name, kept, NAME) or "",
        customer_no=client.number,
        sealed_phone=client.person.phone,
        sealed_id_card=client.person.id_card,
        sealed_address=client.person.address,
        sealed_birthday=client.situation.birthday,
        occupation=client.situation.occupation,
        income_source=client.situation.income_source,
        phone_index=client.person.phone_index,
        id_index=client.person.id_index,
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
