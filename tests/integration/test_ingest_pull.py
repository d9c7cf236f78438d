"""Statements, profiles and pulls over the real PostgreSQL: each fact once, whatever is killed."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.ingest.adapters.books import books_of
from services.ingest.agent.taking import Intake
from services.ingest.domain.profiles.source import sources_of
from services.ingest.domain.profiles.tallied import tally_of
from shared.db.session import engine
from shared.settings import PostgresSettings
from tests.integration.test_ingest_books import bodies
from tests.kit import cfmmc
from tests.kit.ingest import FakeBooks, cusfund, fundchg
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker
from tests.kit.profiles import CTP, ESUNNY, balances, flow, profile, source
from tests.kit.pull_process import pulling
from tests.kit.statements import Says

AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
ROWS = 1500
DEALT = """
name: own-%(takes)s
takes: %(takes)s
file: {name: "%(takes)s_{day}.csv"}
columns:
  {account: a, exchange: {value: SHFE}, instrument: i, trade_id: n, direction: d,
   offset: {value: open}, lots: l, price: p, executed_at: {value: "2026-06-01 10:00:00"}, fee: f}
"""


@pytest.fixture
def dsn(fresh_database: Callable[..., str]) -> str:
    return fresh_database("ingest")


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[AsyncEngine]:
    postgres = PostgresSettings(dsn=SecretStr(dsn))
    connected = engine(postgres, "ingest", 4)
    yield connected
    await connected.dispose()


@pytest.fixture
async def theirs(fresh_database: Callable[..., str]) -> str:
    """The broker's own database, with a table of movements in it."""
    url = fresh_database()
    own = create_async_engine(url)
    async with own.begin() as connection:
        await connection.execute(
            text('CREATE TABLE flow (id bigint, at timestamptz, "账号" text, "金额" numeric)')
        )
        rows = [
            {
                "id": 2**40 + n,
                "at": AT + timedelta(seconds=n // 7),
                "a": f"8{n % 50:07}",
                "m": n + 1,
            }
            for n in range(ROWS)
        ]
        await connection.execute(text("INSERT INTO flow VALUES (:id, :at, :a, :m)"), rows)
    await own.dispose()
    return url


async def serials(database: AsyncEngine) -> list[int]:
    return [int(body["data"]["serial"]) for body in await bodies(database)]


async def test_a_pull_that_is_killed_again_and_again_tells_each_row_once(
    database: AsyncEngine, dsn: str, theirs: str
) -> None:
    for enough in (60, 400):
        replica = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.kit.pull_process", dsn, theirs
        )
        while len(await serials(database)) < enough:
            assert replica.returncode is None
        replica.kill()
        await replica.wait()
        assert len(await serials(database)) < ROWS
    last = pulling(dsn, theirs, 500)
    await last.round()
    assert await serials(database) == [2**40 + n for n in range(ROWS)]
    assert await last.round() == 0


async def test_a_late_row_is_found_and_a_changed_one_is_new(
    database: AsyncEngine, dsn: str, theirs: str
) -> None:
    replica = pulling(dsn, theirs, 1000)
    assert await replica.round() == ROWS
    late = {"id": 1, "at": AT + timedelta(seconds=100), "a": "80000001", "m": Decimal("0.5")}
    own = create_async_engine(theirs)
    async with own.begin() as connection:
        await connection.execute(text("INSERT INTO flow VALUES (:id, :at, :a, :m)"), late)
    await own.dispose()
    assert await replica.round() == 1
    assert (await serials(database))[-1] == 1


Step = tuple[str, bytes]


def script(seed: int) -> list[Step]:
    """Return a day's files of every form, in any order, some of them twice or corrected."""
    chance = random.Random(seed)  # noqa: S311 a repeatable day, no secret
    steps = [step for _ in range(3) for step in _steps(chance)]
    chance.shuffle(steps)
    return steps


def _steps(chance: random.Random) -> list[Step]:
    amount = chance.choice(["-300.00", "-200.00"])
    account = chance.choice(["80012345", "80012346"])
    trade = ("rb2610", "买", "开", chance.choice("23"), "3110", "10.00", "0.00", "T1")
    says = Says(account=account, layout=chance.choice(["mtm", "tbt"])).moved(amount).traded(trade)
    says = says.held(["rb2610", "买", "20260601", trade[3], "3110", "6240"])
    row = f"{account},20260601,20260601 10:00:00,F{chance.randrange(3)},O,{amount[1:]},,RMB,柜台"
    equity = chance.choice(["99580.00", "99581.00"])
    held = [account, "x", 1, 0, 0, 10, 0, float(equity), 0, 0, float(equity)]
    return [
        (f"{account}_20260601.txt", says.data()),
        (
            f"statements_{chance.randrange(2)}.txt",
            says.data() + says.but(account="80012347").data(),
        ),
        (FUNDS, _file(fundchg(account, amount))),
        (SETTLED, _file(cusfund(account, equity))),
        (cfmmc.name("trddata"), _file(cfmmc.line("trddata", account=account))),
        *((f"{takes}_20260601.csv", dealt(chance)) for takes in ("trades", "trades-of-day")),
        (f"资金流水_20260601_{chance.randrange(2)}.csv", flow(row)),
        ("资金对账表_20260601.xlsx", balances(held)),
    ]


def dealt(chance: random.Random) -> bytes:
    """Return trades in a broker's own form, of which some are told twice."""
    rows = [f"8001234{n},rb2610,T{n},买,{chance.randrange(1, 4)},3110,1.5" for n in (5, 6, 7)]
    return "\r\n".join(["a,i,n,d,l,p,f", *chance.sample(rows, 2)]).encode()


def _file(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("gb18030")


def with_profiles(broker: Broker) -> Intake:
    told: dict[str, Any] = {
        name: getattr(broker.intake, name) for name in broker.intake.__dataclass_fields__
    }
    own = [profile(DEALT % {"takes": takes}) for takes in ("trades", "trades-of-day")]
    profiles = (source(ESUNNY), source(CTP), *sources_of(own, "demo"))
    return Intake(**{**told, "profiles": profiles, "tally": tally_of(own)})


@pytest.mark.parametrize("seed", range(3))
async def test_postgresql_tells_what_the_dicts_tell(database: AsyncEngine, seed: int) -> None:
    fake = FakeBooks()
    real, ideal = with_profiles(Broker(books_of(database))), with_profiles(Broker(fake.open))
    for name, data in script(seed):
        outcomes = [await intake.take(name, data) for intake in (real, ideal)]
        assert outcomes[0] == outcomes[1]
    told = await bodies(database)
    assert told == fake.now.told()
    assert {event["type"] for event in told} >= {"account.settled", "trade.settled"}


async def test_a_file_of_many_statements_is_taken_in_one_transaction(database: AsyncEngine) -> None:
    intake = Broker(books_of(database)).intake
    one = Says().moved("-300.00").held(["rb2610", "买", "20260601", "1", "3110", "6240"])
    data = b"".join(one.but(account=f"8{n:07}").data() for n in range(300))
    outcome = await intake.take("statements_20260601.txt", data)
    assert (outcome.good, outcome.bad) == (300, 0)
    assert len(await bodies(database)) == 900
