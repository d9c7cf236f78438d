"""What ``guanchao directory show`` says of one id: as account, as customer, as person."""

from collections.abc import Iterator

from services.ingest.adapters.directory import PostgresDirectory
from services.ingest.adapters.records import clients_with_phone
from services.ingest.commands.looks import Look, note
from services.ingest.commands.places import ciphers, transaction
from shared.console import Refused
from shared.contracts.customers import Customer, Relation
from shared.contracts.staff import Staff
from shared.kernel.masking import mask_account

SEALED = {
    "sealed_phone": "电话 phone",
    "sealed_id_card": "证件号码 id number",
    "sealed_address": "地址 address",
}


async def found(dsn: str | None, who: str) -> list[str]:
    """Return the lines about an id; none: nothing has it. Either is in the audit."""
    async with transaction(dsn) as connection:
        directory = PostgresDirectory(connection)
        customers = await _customers(directory, who)
        staff = await directory.entries("staff", [who])
        lines = [line for customer in customers for line in _customer(customer)]
        for entry in staff.values():
            lines += _person(Staff.model_validate_json(entry.body))
            lines.append(f"  客户 clients  {len(await directory.clients_of([who]))}")
        whose = who if lines else mask_account(who)  # what is no id of ours may be anything
        await note(connection, Look("directory.read", whose, granted=bool(lines)))
    return lines


async def found_by_phone(dsn: str | None, phone: str) -> list[str]:
    """Return the lines about the clients who have a phone; the audit holds its keyed digest."""
    _, blind = ciphers()
    if blind is None:
        raise Refused(
            "没有索引密钥：设 INGEST_INDEX_KEYS，与 ingest 的一样",
            "no index key: set INGEST_INDEX_KEYS as for ingest",
        )
    entries = blind.look_up("phone", phone)
    async with transaction(dsn) as connection:
        customers = await clients_with_phone(connection, entries)
        accounts = sorted(r.account for customer in customers for r in customer.relations)
        shown = tuple(f"account:{account}" for account in accounts)
        look = Look("clients.searched", f"phone:{entries[0]}", shown, granted=bool(customers))
        await note(connection, look)
    return [line for customer in customers for line in _customer(customer)]


async def _customers(directory: PostgresDirectory, who: str) -> list[Customer]:
    """Return the clients that an id means: as an account, as a customer id or number."""
    names = {who, *(await directory.owners([who])).values()}
    names |= set((await directory.known_as([f"no:{who}"])).values())
    entries = await directory.entries("customers", names)
    return [Customer.model_validate_json(entry.body) for entry in entries.values()]


def _customer(customer: Customer) -> Iterator[str]:
    number = f"  编号 number {customer.customer_no}" if customer.customer_no else ""
    yield f"客户 customer {customer.customer_id}{number}"
    yield f"  {customer.display_name}  {customer.customer_type}"
    kept = [words for name, words in SEALED.items() if getattr(customer, name)]
    yield f"  已加密 sealed  {'，'.join(kept) or '无 none'}"
    for relation in customer.relations:
        yield from _relation(relation)


def _relation(relation: Relation) -> Iterator[str]:
    manager, branch = relation.manager_id or "无 none", relation.branch_id or "无 none"
    since = f"  自 since {relation.since}" if relation.since else ""
    account = mask_account(relation.account)
    yield f"  账户 account {account}  经理 manager {manager}{since}  营业部 branch {branch}"
    for tenure in relation.history or ():
        yield f"    曾 was {tenure.manager_id}  {tenure.since or '?'} → {tenure.until or '?'}"


def _person(staff: Staff) -> Iterator[str]:
    yield f"员工 staff {staff.staff_id}  {staff.display_name}  {staff.role}"
    told = {
        "营业部 branch": staff.branch_id,
        "上级 leader": staff.leader_id,
        "离职日 left on": staff.left_on,
        "继任 successor": staff.successor_id,
    }
    for words, value in told.items():
        if value:
            yield f"  {words}  {value}"
