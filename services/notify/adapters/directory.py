"""通讯录 — clients' relations and staff as the directory topics tell them; last sequence wins."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Column, Row, Select, Update, and_, delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters.preferences import read
from services.notify.adapters.tables import alerts, customers, relations, staff
from services.notify.domain.decide import DAWN
from services.notify.domain.receiver import Client, Directory, Receiver, team
from shared.contracts.customers import CustomerChanged
from shared.contracts.staff import StaffChanged
from shared.crypto import CannotOpen, FieldCipher
from shared.kernel.masking import Email, Personal, Phone
from shared.observability.logging import logger

MOBILE, EMAIL = "staff.mobile", "staff.email"
WAIT_FOR_RELATION = ("no-relation", "no-manager", "unknown-manager", "nobody-reachable")
WAIT_FOR_STAFF = ("unknown-manager", "unknown-addressee", "nobody-reachable")

AROUND = text(
    "WITH RECURSIVE client AS ("
    " SELECT true AS known, c.display_name, r.manager_id FROM relations r"
    " JOIN customers c USING (broker, customer_id)"
    " WHERE r.broker = :broker AND r.account = :account"
    " ORDER BY r.sequence DESC LIMIT 1),"
    " chain(staff_id) AS ("
    " SELECT unnest(CAST(:heard AS text[])) UNION SELECT manager_id FROM client"
    " UNION SELECT s.successor_id FROM staff s JOIN chain USING (staff_id)"
    " WHERE s.broker = :broker AND s.successor_id IS NOT NULL)"
    " SELECT client.known, client.display_name, client.manager_id,"
    " s.staff_id, s.role, s.wecom_userid,"
    " s.sealed_mobile, s.sealed_email, s.successor_id, s.leader_id, s.branch_id,"
    " (SELECT jsonb_agg(jsonb_build_array(p.channels, p.begin_at, p.until_at)"
    " ORDER BY p.number DESC) FROM preferences p"
    " WHERE p.broker = s.broker AND p.staff_id = s.staff_id) AS preferences"
    " FROM (VALUES (0)) one LEFT JOIN client ON true LEFT JOIN staff s ON s.broker = :broker"
    " AND (s.role = :desk OR s.staff_id IN (SELECT staff_id FROM chain))"
    " ORDER BY s.staff_id"
)
"""One row for each of the people around an account, each with the client, at least one row."""

THESE_ACCOUNTS = text(
    "(broker, account) IN"
    " (SELECT * FROM unnest(CAST(:brokers AS text[]), CAST(:accounts AS text[])))"
)

log = logger()
Named = Column[Any]
E = TypeVar("E", CustomerChanged, StaffChanged)
P = TypeVar("P", bound=Personal)


async def learn_customers(connection: AsyncConnection, events: Sequence[CustomerChanged]) -> None:
    """Take over the newest state of each client; wake the alerts that wait for its accounts."""
    newest = _newest(events, lambda event: (event.data.broker, event.data.customer_id))
    rows = [
        {
            "broker": event.data.broker,
            "customer_id": event.data.customer_id,
            "sequence": event.sequence,
            "display_name": event.data.display_name,
        }
        for event in newest.values()
    ]
    entry = insert(customers).values(rows)
    new = entry.excluded
    upsert = entry.on_conflict_do_update(
        index_elements=["broker", "customer_id"],
        set_={"sequence": new.sequence, "display_name": new.display_name},
        where=customers.c.sequence < new.sequence,
    ).returning(customers.c.broker, customers.c.customer_id)
    taken = {(row.broker, row.customer_id) for row in await connection.execute(upsert)}
    if not taken:
        return
    key = tuple_(relations.c.broker, relations.c.customer_id)
    await connection.execute(delete(relations).where(key.in_(sorted(taken))))
    links = {
        (broker, relation.account, customer_id): {
            "broker": broker,
            "account": relation.account,
            "customer_id": customer_id,
            "sequence": newest[broker, customer_id].sequence,
            "manager_id": relation.manager_id,
            "branch_id": relation.branch_id,
        }
        for broker, customer_id in sorted(taken)
        for relation in newest[broker, customer_id].data.relations
    }
    if links:
        await connection.execute(insert(relations), list(links.values()))
        await _wake_accounts(connection, {(broker, account) for broker, account, _ in links})


async def learn_staff(connection: AsyncConnection, events: Sequence[StaffChanged]) -> None:
    """Take over the newest state of each member of staff; wake the alerts that wait for one."""
    newest = _newest(events, lambda event: (event.data.broker, event.data.staff_id))
    rows = [
        {
            "broker": event.data.broker,
            "staff_id": event.data.staff_id,
            "sequence": event.sequence,
            "role": event.data.role,
            "wecom_userid": event.data.wecom_userid,
            "sealed_mobile": event.data.sealed_mobile,
            "sealed_email": event.data.sealed_email,
            "successor_id": event.data.successor_id,
            "leader_id": event.data.leader_id,
            "branch_id": event.data.branch_id,
            "left_on": event.data.left_on,
        }
        for event in newest.values()
    ]
    entry = insert(staff).values(rows)
    new = entry.excluded
    upsert = entry.on_conflict_do_update(
        index_elements=["broker", "staff_id"],
        set_={name: new[name] for name in rows[0] if name not in ("broker", "staff_id")},
        where=staff.c.sequence < new.sequence,
    ).returning(staff.c.broker)
    if brokers := {row.broker for row in await connection.execute(upsert)}:
        waits = and_(alerts.c.broker.in_(brokers), alerts.c.reason.in_(WAIT_FOR_STAFF))
        await connection.execute(_due_now().where(waits))


@dataclass(frozen=True)
class People:
    """Reads the directory for one alert; opens numbers and addresses only here.

    ``robots``: role → the channels that have a chat group for it. ``always``: staff ids of who is
    around every account.
    """

    cipher: FieldCipher
    desk_role: str
    robots: Mapping[str, frozenset[str]] = field(default_factory=dict)
    always: frozenset[str] = frozenset()

    async def around(
        self, connection: AsyncConnection, broker: str, account: str, heard: Iterable[str]
    ) -> Directory:
        """Return the people around one account, and those who ``heard`` (staff ids)."""
        query = {"broker": broker, "account": account, "heard": sorted({*heard, *self.always})}
        rows = (await connection.execute(AROUND, query | {"desk": self.desk_role})).all()
        first = rows[0]
        client = Client(first.display_name, first.manager_id) if first.known else None
        people = {row.staff_id: self._receiver(row) for row in rows if row.staff_id is not None}
        teams = {t.staff_id: t for role, ways in self.robots.items() if (t := team(role, ways))}
        desk = (p for p in people.values() if p.role == self.desk_role and not p.successor_id)
        return Directory(client, teams | people, tuple(desk))

    def _receiver(self, row: Row[Any]) -> Receiver:
        return Receiver(
            staff_id=row.staff_id,
            role=row.role,
            wecom_userid=row.wecom_userid,
            mobile=self._opened(row.staff_id, row.sealed_mobile, MOBILE, Phone),
            successor_id=row.successor_id,
            email=self._opened(row.staff_id, row.sealed_email, EMAIL, Email),
            robots=self.robots.get(row.role, frozenset()),
            leader_id=row.leader_id,
            branch_id=row.branch_id,
            preferences=read(row.preferences),
        )

    def _opened(self, staff_id: str, sealed: str | None, what: str, kind: type[P]) -> P | None:
        if sealed is None:
            return None
        try:
            return kind(self.cipher.open(sealed, what))
        except CannotOpen:
            log.warning("a sealed field cannot be opened", field=what, staff_id=staff_id)
            return None


def client_of(broker: str | Named, account: str | Named) -> Select[tuple[str, str | None]]:
    """Select an account's client and manager: those told last, should two clients claim it."""
    return (
        select(customers.c.display_name, relations.c.manager_id)
        .join(
            customers,
            and_(
                customers.c.broker == relations.c.broker,
                customers.c.customer_id == relations.c.customer_id,
            ),
        )
        .where(relations.c.broker == broker, relations.c.account == account)
        .order_by(relations.c.sequence.desc())
        .limit(1)
    )


def _newest(events: Sequence[E], key: Callable[[E], tuple[str, str]]) -> dict[tuple[str, str], E]:
    newest: dict[tuple[str, str], E] = {}
    for event in events:
        before = newest.get(key(event))
        if before is None or (before.sequence or "") < (event.sequence or ""):
            newest[key(event)] = event
    return newest


def _due_now() -> Update:
    return update(alerts).where(alerts.c.due_at.is_not(None)).values(due_at=DAWN)


async def _wake_accounts(connection: AsyncConnection, accounts: set[tuple[str, str]]) -> None:
    ordered = sorted(accounts)
    named = {"brokers": [b for b, _ in ordered], "accounts": [a for _, a in ordered]}
    waits = and_(THESE_ACCOUNTS, alerts.c.reason.in_(WAIT_FOR_RELATION))
    await connection.execute(_due_now().where(waits), named)
