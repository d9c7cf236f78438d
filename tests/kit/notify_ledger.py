"""notify's ledger over the real stores, as the tests of its parts see it."""

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from deploy.embedded.stack import Stores
from services.notify.adapters import tables as t
from services.notify.adapters.budgets import Budgets, connect
from services.notify.adapters.digests import Digests
from services.notify.adapters.directory import People, learn_customers, learn_staff
from services.notify.adapters.ledger import PostgresLedger
from services.notify.adapters.queue import Queue
from services.notify.adapters.records import Records
from services.notify.agent import Teller
from services.notify.domain.channel import Channel
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.climb import Escalation
from services.notify.domain.links import Signer
from services.notify.domain.receiver import Directory
from services.notify.merging import Merger
from shared.clock import DrivenClock
from shared.contracts.customers import CustomerChanged
from shared.contracts.staff import StaffChanged
from shared.crypto import FieldCipher
from shared.db.migrate import migrate
from shared.db.session import engine
from shared.kernel.trading_day import china
from shared.settings import PostgresSettings, ValkeySettings
from tests.kit.alerts import ACCOUNT, BROKER, MOMENT, POLICY, staff_changed

KEYS = {"k1": base64.b64encode(b"1" * 32).decode()}
CIPHER = FieldCipher(KEYS)
CHANNELS: dict[str, Channel] = {
    "wecom_app": WecomApp(corp_id="ww1", agent_id=1, secret=SecretStr("x")),
    "aliyun_sms": AliyunSms(access_key_id="id", access_key_secret=SecretStr("x"), sign_name="观潮"),
}
SIGNER = Signer("https://console.example", SecretStr("k" * 16))
MOBILE = "13812345678"


@dataclass
class Stage:
    database: AsyncEngine
    clock: DrivenClock
    teller: Teller
    queue: Queue
    records: Records
    people: People
    merger: Merger
    digests: Digests

    async def learn(self, *events: CustomerChanged | StaffChanged) -> None:
        async with self.database.begin() as connection:
            if clients := [e for e in events if isinstance(e, CustomerChanged)]:
                await learn_customers(connection, clients)
            if staff := [e for e in events if isinstance(e, StaffChanged)]:
                await learn_staff(connection, staff)

    async def around(self, account: str = ACCOUNT) -> Directory:
        async with self.database.connect() as connection:
            return await self.people.around(connection, BROKER, account, ())

    async def hear(self, *events: Any) -> None:
        for event in events:
            await self.teller.hear(event, "t/0/0")

    async def rows(self, query: Any) -> Sequence[Any]:
        async with self.database.connect() as connection:
            return (await connection.execute(query)).all()

    async def intents(self) -> list[str]:
        i = t.intents.c
        rows = await self.rows(select(t.intents).order_by(i.number))
        return [f"{r.revision} {r.receiver} {r.channel} {r.step} {r.state}" for r in rows]


@asynccontextmanager
async def ledger_stage(stores: Stores, dsn: str) -> AsyncIterator[Stage]:
    """Migrate an empty database and put the parts over it; Valkey is empty too."""
    settings = PostgresSettings(dsn=SecretStr(dsn))
    await migrate(settings, "notify")
    database = engine(settings, "notify", pool_size=8)
    valkey = connect(ValkeySettings(url=SecretStr(stores.valkey_url.removesuffix("0") + "9")))
    await valkey.flushdb()
    clock, people = DrivenClock(MOMENT), People(CIPHER, "risk")
    digests = Digests(database, people, CIPHER)
    ledger = PostgresLedger(database, people, CIPHER)
    yield Stage(
        database,
        clock,
        Teller(ledger, POLICY, CHANNELS, SIGNER, clock, lambda: None, Escalation(POLICY, china())),
        Queue(database, clock, CIPHER, Budgets(valkey, POLICY.budgets), timedelta(seconds=60)),
        Records(database),
        people,
        Merger(digests, POLICY, CHANNELS, SIGNER, clock, lambda: None),
        digests,
    )
    await database.dispose()
    await valkey.aclose()


@asynccontextmanager
async def tampering(database: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction in which no trigger guards the evidence: to spoil or to back-date it."""
    async with database.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection


def manager(sequence: int = 1, **given: Any) -> StaffChanged:
    sealed = {"sealed_mobile": CIPHER.seal(MOBILE, "staff.mobile")}
    return staff_changed("m001", sequence, **(sealed | given))


def desk(staff_id: str = "r001", **given: Any) -> StaffChanged:
    return staff_changed(staff_id, role="risk", **given)
