"""A broker's office: its people, whose clients are whose, and ingest's API over them.

Two branches. In b01 a head (h1), two teams (t1 with m1 and m2, t2 with m3); in b02 m4. Beside them
risk (r1), operator (o1) and auditor (a1). ``left`` is gone; m1 has the clients.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from services.ingest.agent.directory import DirectoryPosting
from services.ingest.agent.guarding import Gatekeeper, OpenGate
from services.ingest.agent.posting import Posting, Receipt
from services.ingest.api import Door, create_api
from services.ingest.desk import PUSH, Desk, tree_of
from services.ingest.domain.admission import Gate
from services.ingest.domain.records import FilePlace, TakenFile
from shared.blind_index import BlindIndex
from shared.clock import DrivenClock
from shared.contracts.customers import Customer, Relation
from shared.contracts.staff import Staff
from shared.kernel.audit import GENESIS, Entry, Head, Link, Sought, digest
from shared.kernel.trading_day import china
from shared.settings import TokenRules
from shared.web.api_keys import ApiKey, KeyRing, SettingsKey, issue
from shared.web.gate import Authority
from shared.web.permissions import Permission
from shared.web.tokens import Tokens
from tests.kit.ingest import BLIND, BROKER, CIPHER, FakeBooks
from tests.kit.ingest_broker import Broker
from tests.kit.issuer import AUDIENCE, ISSUER, NOW, Issuer

NAME, PHONE, ID_CARD = "张小明", "13812345678", "11010119900101001X"
PEOPLE = {
    "m1": ("manager", "b01", "t1"),
    "m2": ("manager", "b01", "t1"),
    "m3": ("manager", "b01", "t2"),
    "m4": ("manager", "b02", None),
    "t1": ("team-lead", "b01", "h1"),
    "t2": ("team-lead", "b01", "h1"),
    "h1": ("branch-head", "b01", None),
    "r1": ("risk", None, None),
    "o1": ("operator", None, None),
    "a1": ("auditor", None, None),
}
ACCOUNTS = {
    "80000001": ("m1", "b01"),
    "80000002": ("m2", "b01"),
    "80000003": ("m3", "b01"),
    "80000004": ("m4", "b02"),
    "80000005": ("left", "b01"),
    "80000006": (None, None),
}
BATCH = "application/cloudevents-batch+json"


def staff() -> list[Staff]:
    """Return the office's people as the staff file told them."""
    here = [
        Staff(broker=BROKER, staff_id=id_, display_name="王*", role=r, branch_id=b, leader_id=led)
        for id_, (r, b, led) in PEOPLE.items()
    ]
    left = {"staff_id": "left", "successor_id": "m1", "left_on": date(2026, 5, 1)}
    return [*here, here[0].model_copy(update=left)]


def customer(account: str) -> Customer:
    """Return the client of one of the office's accounts."""
    manager, branch = ACCOUNTS[account]
    return Customer(
        broker=BROKER,
        customer_id=f"c{account}",
        customer_type="自然人",
        display_name="张**",
        sealed_name=CIPHER.seal(NAME, "customer.name"),
        sealed_phone=CIPHER.seal(PHONE, "customer.phone"),
        phone_index=BLIND.entry("phone", PHONE),
        sealed_id_card=CIPHER.seal(ID_CARD, "customer.id-card"),
        relations=(Relation(account=account, manager_id=manager, branch_id=branch),),
    )


class FakeTrail:
    """The audit as a list; ``fail`` makes it unwritable."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.fail: Exception | None = None

    async def write(self, entry: Entry) -> None:
        if self.fail:
            raise self.fail
        last = self.links[-1] if self.links else Head(0, GENESIS)
        n = last.n + 1
        self.links.append(Link(n, entry, digest(last.digest, n, entry)))

    @property
    def newest(self) -> Entry:
        return self.links[-1].entry


class FakeRecords:
    """See ``domain.records.Records``."""

    def __init__(self) -> None:
        self.trail = FakeTrail()
        self.clients = {account: customer(account) for account in ACCOUNTS}
        self.staff = staff()
        self.taken: list[TakenFile] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["FakeRecords"]:
        before = list(self.trail.links)
        try:
            yield self
        except BaseException:
            self.trail.links = before
            raise

    async def client_of(self, account: str) -> Customer | None:
        return self.clients.get(account)

    async def with_phone(self, entries: Sequence[str]) -> Sequence[Customer]:
        return [client for client in self.clients.values() if client.phone_index in entries]

    async def people(self) -> Sequence[Staff]:
        return self.staff

    async def files(self, after: FilePlace | None, kind: str | None, most: int) -> list[TakenFile]:
        newest = sorted(self.taken, key=lambda file: file.place, reverse=True)
        found = [file for file in newest if kind in (None, file.place.kind)]
        return [file for file in found if after is None or file.place < after][:most]

    async def audit(self, sought: Sought) -> Sequence[Link]:
        found = [link for link in reversed(self.trail.links) if link.n < sought.before]
        found = [link for link in found if sought.actor in (None, link.entry.actor)]
        found = [link for link in found if sought.subject in (None, link.entry.subject)]
        return found[: sought.limit]


@dataclass
class Office:
    """ingest's API over fakes, and credentials for it."""

    books: FakeBooks = field(default_factory=FakeBooks)
    records: FakeRecords = field(default_factory=FakeRecords)
    issuer: Issuer = field(default_factory=Issuer)
    clock: DrivenClock = field(default_factory=lambda: DrivenClock(NOW))
    keys: list[ApiKey] = field(default_factory=list)
    stored: list[Receipt] = field(default_factory=list)
    full: bool = False
    guard: Gatekeeper = field(default_factory=OpenGate)
    blind: BlindIndex | None = BLIND

    def __post_init__(self) -> None:
        rules = TokenRules(issuer=ISSUER, audience=AUDIENCE)
        known = (
            SettingsKey("push", PUSH),
            KeyRing(self._read_keys, self.clock),
            Tokens(rules, self.issuer.jwks, self.clock),
        )
        authority = Authority(known, tree_of(self.records.open, self.clock))
        self.app: FastAPI = create_api(
            Posting(Gate(BROKER, china(), ticks=False), self.books.open),
            DirectoryPosting(Broker(self.books.open).intake),
            Door(lambda: self.full, self.stored.append, self.guard),
            Desk(authority, self.records.open, CIPHER, self.clock, self.blind),
        )

    async def _read_keys(self) -> list[ApiKey]:
        return self.keys

    def key(self, name: str, *scopes: Permission, days: int = 30) -> str:
        """Return a new key of a system."""
        until = NOW + timedelta(days=days)
        text, kept = issue(name, frozenset(scopes), NOW, until)
        self.keys.append(kept)
        return text

    def revoke(self) -> None:
        """End the newest key."""
        self.keys[-1] = replace(self.keys[-1], revoked_at=NOW)

    def token(self, staff_id: str, *roles: str) -> str:
        """Return a person's token; without roles the one of the staff file."""
        return self.issuer.token(staff_id=staff_id, roles=list(roles) or [PEOPLE[staff_id][0]])

    async def get(self, path: str, credential: str = "", **headers: str) -> httpx.Response:
        return await self.ask("GET", path, credential, headers=headers)

    async def ask(self, method: str, path: str, credential: str, **request: Any) -> httpx.Response:
        headers = request.pop("headers", {})
        if credential:
            headers["Authorization"] = f"Bearer {credential}"
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
            return await client.request(method, path, headers=headers, **request)

    async def post(self, events: Any, credential: str = "push", **headers: str) -> httpx.Response:
        content = events if isinstance(events, bytes) else json.dumps(events).encode()
        told = {"Content-Type": BATCH} | headers
        return await self.ask("POST", "/v1/events", credential, content=content, headers=told)
