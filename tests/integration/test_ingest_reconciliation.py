"""A day's differences and what is forgotten, in PostgreSQL as over the dicts."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters.books import books_of
from services.ingest.adapters.keeping import Keeping
from services.ingest.domain.books import OpenBooks
from shared.clock import DrivenClock
from shared.db.session import engine
from shared.kernel.trading_day import china
from shared.observability.metrics import DAYS_OPEN
from shared.settings import PostgresSettings
from tests.kit import cfmmc
from tests.kit.ingest import DAY, FakeBooks, cusfund, executed, fundchg, posted, withdrew
from tests.kit.ingest_broker import FUNDS, NOW, SETTLED, Broker

SHOWN = posted(
    "account.snapshotted", equity="3.5", available="3", at="2026-06-01T10:00:00+08:00", id="x"
)


@pytest.fixture
async def database(fresh_database: Callable[..., str]) -> AsyncIterator[AsyncEngine]:
    postgres = PostgresSettings(dsn=SecretStr(fresh_database("ingest")))
    connected = engine(postgres, "ingest", 4)
    yield connected
    await connected.dispose()


async def a_day(open_books: OpenBooks) -> Any:
    broker = Broker(open_books)
    await broker.post(
        {**withdrew("1", "both"), "sequence": "1"},
        {**withdrew("2", "stream"), "sequence": "9"},
        {**withdrew("2", "other", account="2"), "sequence": "4"},
        SHOWN,
        SHOWN,
        *(executed(n, 2, account=a) for n, a in (("T1", "2"), ("T2", "80000001"))),
        executed("T1", 2, account="2", feed="counter/1"),
        executed("T9", 9, rehearsal=True),
    )
    trades = [cfmmc.line("trddata", account="2", trade_id=n, volume="2") for n in ("T1", "T3")]
    await broker.drop(cfmmc.name("trddata"), *trades)
    rows = [fundchg("80000001", "-1"), fundchg("80000001", "4"), fundchg("2", "-2")]
    await broker.drop(FUNDS, *rows)
    await broker.drop(SETTLED, cusfund("80000001", "3"), cusfund("2", "5"))
    await broker.post(withdrew("7", "late"))
    async with open_books() as books:
        found = await books.reconciliation.of(DAY)
        return sorted((d.kind, d.account or "", d.what, d.told, d.settled) for d in found)


async def test_a_days_differences_are_those_of_the_dicts(database: AsyncEngine) -> None:
    found = await a_day(books_of(database))
    assert found == await a_day(FakeBooks().open)
    assert [kind for kind, *_ in found] == [
        "balance", "gap", "late", "lots", "lots", "matched", "only-in-file", "only-in-stream",
    ]  # fmt: skip
    lots = [(account, told, settled) for kind, account, _, told, settled in found if kind == "lots"]
    assert lots == [("2", "2", "4"), ("80000001", "2", "0")]


async def test_what_is_old_is_forgotten_and_what_is_not_in_kafka_is_kept(
    database: AsyncEngine,
) -> None:
    await a_day(books_of(database))
    async with database.begin() as connection:
        await connection.execute(text("UPDATE records SET accepted_at = now() - interval '1 year'"))
        sent = "DELETE FROM outbox USING records AS r WHERE r.n = outbox.n AND r.type = :type"
        await connection.execute(text(sent), {"type": "account.settled"})
        left = text("SELECT count(*) FROM outbox")
        unsent = (await connection.execute(left)).scalar()
    keeping = Keeping(database, 90, china(), DrivenClock(NOW))
    keeping.floor = date(2026, 6, 2)
    assert await keeping.prune() > 0
    while await keeping.prune():
        continue
    async with database.connect() as connection:
        for table in ("movements", "settlements", "states", "differences", "day_rows"):
            counted = await connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            assert counted.scalar() == 0, table
        kept = (await connection.execute(text("SELECT count(*) FROM records"))).scalar()
        assert kept == unsent
        assert (await connection.execute(text("SELECT count(*) FROM files"))).scalar() == 3


async def test_a_site_that_never_closed_a_day_is_told_of_those_that_are_open(
    database: AsyncEngine,
) -> None:
    """From the day on which ingest began; history that was loaded is no day to be closed."""
    broker = Broker(books_of(database))
    for name in (SETTLED, SETTLED.replace("20260601", "20260105")):
        await broker.drop(name, cusfund("80000001", "3"))
    async with database.begin() as connection:
        began = "UPDATE records SET accepted_at = timestamptz '2026-06-01 10:00+08'"
        await connection.execute(text(began))
    await Keeping(database, 90, china(), DrivenClock(NOW))._look()
    assert DAYS_OPEN._value.get() == 1
