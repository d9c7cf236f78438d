"""Accounts, persons and leavers in PostgreSQL: what the dicts of the handlers' tests tell."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters.books import books_of
from services.ingest.agent.directory import DirectoryPosting
from services.ingest.commands.directory_show import found
from shared.db.session import engine
from shared.settings import PostgresSettings
from tests.integration.test_ingest_books import bodies
from tests.kit.ingest import FakeBooks, cusfund, fundchg
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker
from tests.kit.registry import (
    ADDRESS,
    BANKS,
    CARD,
    CODES,
    CUSTOMERS,
    ID_CARD,
    PHONE,
    cusaccount,
    cuscode,
    customer,
)

RELATIONS = "account,customer_id,customer_name,customer_type,manager_id\n"
STAFF = "staff_id,name,role,branch_id,successor_id,left_on\nm2,李四,manager,b01,,\n"
SEALED = ("sealed_name", "sealed_phone", "sealed_id_card", "sealed_address")


@pytest.fixture
async def database(fresh_database: Callable[..., str]) -> AsyncIterator[AsyncEngine]:
    postgres = PostgresSettings(dsn=SecretStr(fresh_database("ingest")))
    connected = engine(postgres, "ingest", 4)
    yield connected
    await connected.dispose()


async def days(broker: Broker) -> None:
    """Play what happens to accounts and persons over some days."""
    await broker.drop_text("relations.csv", RELATIONS + "1,c1,张明,自然人,m1\n")
    await broker.drop_text("staff.csv", STAFF + "m1,赵六,manager,b01,,\n")
    await broker.drop(CUSTOMERS, customer("1"), customer("2"), customer("3", id_card="X1"), "bad")
    await broker.drop(CODES, cuscode("1"), cuscode("2", "J"))
    await broker.drop(BANKS, cusaccount("1"), cusaccount("2", "D"))
    await broker.drop_text(
        "relations.csv", RELATIONS + "3,c3,王五,自然人,m1\n4,c3,王五,自然人,m1\n"
    )
    await broker.drop_text("staff.csv", STAFF + "m1,赵六,manager,b01,m2,2026-05-29\n")
    await broker.drop(FUNDS, fundchg("1", "-5"))
    await broker.drop(SETTLED, cusfund("1", "3"))
    await broker.drop("0138customer20260601.txt", customer("1", is_dormant="Y"), customer("4"))
    await broker.drop("0138cusaccount20260601.txt", cusaccount("1", "D"), cusaccount("2"))
    rows = [
        {"account": "5", "customer_id": "c3", "customer_name": "王五", "customer_type": "自然人"}
    ]
    posting = DirectoryPosting(broker.intake)
    first, again = [await posting.take("relations", rows) for _ in range(2)]
    assert (first.count("accepted"), again.count("unchanged")) == (1, 1)


def without_seals(events: list[Any]) -> list[Any]:
    return [
        event | {"data": {k: v for k, v in event["data"].items() if k not in SEALED}}
        for event in events
    ]


async def test_postgresql_tells_what_the_dicts_tell(database: AsyncEngine) -> None:
    fake = FakeBooks()
    await days(Broker(fake.open))
    await days(Broker(books_of(database)))
    told = without_seals(await bodies(database))
    assert told == without_seals(fake.now.told())
    assert {event["type"] for event in told} >= {
        "account.opened",
        "bank.signed",
        "trading-code.granted",
        "customer.changed",
    }
    async with database.connect() as connection:
        tables = await connection.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'ingest'")
        )
        for table in list(tables.scalars()):
            rows = await connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 own names
            held = b"|".join(_bytes(value) for row in rows for value in row)
            for clear in ("张小明", "张明", PHONE, ID_CARD, ADDRESS, CARD):
                assert clear.encode() not in held, (table, clear)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


async def test_an_operator_sees_who_looks_after_whom(database: AsyncEngine) -> None:
    await days(Broker(books_of(database)))
    dsn = str(database.url.render_as_string(hide_password=False))
    by_account, by_id = [await found(dsn, who) for who in ("3", "c3")]
    assert by_account == by_id
    assert by_account[0].endswith("编号 number c3")
    assert by_account[1:3] == [
        "  王*  自然人",
        "  已加密 sealed  电话 phone，证件号码 id number，地址 address",
    ]
    assert "    曾 was m1  ? → 2026-05-29" in by_account
    [person, branch, left, successor, clients] = await found(dsn, "m1")
    assert person == "员工 staff m1  赵*  manager"
    assert (branch, left) == ("  营业部 branch  b01", "  离职日 left on  2026-05-29")
    assert (successor, clients) == ("  继任 successor  m2", "  客户 clients  0")
    assert await found(dsn, "nobody") == []
