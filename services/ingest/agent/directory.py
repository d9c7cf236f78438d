"""名录文件 — clients, staff and baselines: only what changed is told, each change with a version."""

from collections.abc import Sequence

from services.ingest.agent.books import Books, Entry, Register
from services.ingest.agent.edition import Findings, Sealer, Taking, store
from services.ingest.domain.clients import Client, merge
from services.ingest.domain.fact import OWN_SOURCES, Fact, customer_fact, staff_fact
from services.ingest.domain.normalise import baselined
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.baselines import BaselineRow
from services.ingest.domain.sources.relations import ClientName, RelationRow
from services.ingest.domain.sources.staff import StaffRow
from shared.contracts.customers import Customer, CustomerChanged
from shared.contracts.staff import Staff, StaffChanged
from shared.kernel.masking import mask_name

NAME, MOBILE, EMAIL = "customer.name", "staff.mobile", "staff.email"
"""The sealing contexts of the personal fields."""


async def take_relations(
    books: Books, taking: Taking, rows: Sequence[Good[RelationRow]]
) -> Findings:
    """关系 — tell each client whose merged state changed."""
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
        version = _next(entries, client.customer_id)
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


async def take_staff(books: Books, taking: Taking, rows: Sequence[Good[StaffRow]]) -> Findings:
    """员工 — tell each person whose record changed; of several rows on one the last holds."""
    newest = {good.row.staff_id: good.row for good in rows}
    entries = await books.directory.entries("staff", newest)
    written: dict[str, Entry] = {}
    facts: list[Fact] = []
    for staff_id, row in newest.items():
        entry = entries.get(staff_id)
        former = Staff.model_validate_json(entry.body) if entry else None
        staff = _staff(row, taking, former)
        if staff == former:
            continue
        version = _next(entries, staff_id)
        written[staff_id] = Entry(version, staff.model_dump_json().encode())
        facts.append(_staff_changed(staff, version, taking))
    await books.directory.write("staff", written)
    return Findings(await store(books, facts), notes={"changed": len(facts)})


def _staff(row: StaffRow, taking: Taking, former: Staff | None) -> Staff:
    def seal(value: str | None, context: str, kept: str | None) -> str | None:
        if value is None or (kept and taking.sealer.open(kept, context) == value):
            return kept if value else None
        return taking.sealer.seal(value, context)

    mobile = row.mobile.reveal() if row.mobile else None
    email = row.email.reveal() if row.email else None
    return Staff.model_validate(
        {
            "broker": taking.broker,
            "staff_id": row.staff_id,
            "display_name": row.display_name,
            "role": row.role,
            "sealed_mobile": seal(mobile, MOBILE, former.sealed_mobile if former else None),
            "sealed_email": seal(email, EMAIL, former.sealed_email if former else None),
            "duty_hours": row.duty_hours,
            "tags": row.tags,
            **row.codes,
        }
    )


def _staff_changed(staff: Staff, version: int, taking: Taking) -> Fact:
    return staff_fact(
        StaffChanged(
            id=f"{staff.staff_id}/{version}",
            source=f"{OWN_SOURCES}staff",
            subject=staff.staff_id,
            time=taking.now,
            data=staff,
        )
    )


async def take_baselines(
    books: Books, taking: Taking, rows: Sequence[Good[BaselineRow]]
) -> Findings:
    """账户基线 — tell each account whose dates changed; of several rows on one the last holds."""
    newest = {good.row.account: good.row for good in rows}
    entries = await books.directory.entries("baselines", newest)
    written: dict[str, Entry] = {}
    facts: list[Fact] = []
    for account, row in newest.items():
        body = "/".join(str(d) for d in (row.opened_on, row.last_trade_on, row.last_position_on))
        if account in entries and entries[account].body == body.encode():
            continue
        version = _next(entries, account)
        written[account] = Entry(version, body.encode())
        facts.append(baselined(taking.broker, row, taking.day, version))
    await books.directory.write("baselines", written)
    return Findings(await store(books, facts), notes={"changed": len(facts)})


def _next(entries: dict[str, Entry], name: str) -> int:
    return entries[name].version + 1 if name in entries else 1


__all__ = ["EMAIL", "MOBILE", "NAME", "Register", "take_baselines", "take_relations", "take_staff"]
