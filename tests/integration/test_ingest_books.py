"""The books in PostgreSQL: what the dicts of the handlers' tests do, and what dicts cannot."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters import inbox
from services.ingest.adapters.books import books_of
from services.ingest.agent import closing
from services.ingest.domain.books import StoresAway
from services.ingest.domain.fact import Fact, Identity
from shared.db.session import engine
from shared.settings import PostgresSettings
from tests.kit import cfmmc
from tests.kit.cfmmc import KINDS, line
from tests.kit.ingest import BEFORE, DAY, FakeBooks, cusfund, fundchg, reversed_, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker

TOLD = text(
    "SELECT body FROM records JOIN outbox USING (n) WHERE headers IS NULL AND copy = 0 ORDER BY n"
)


@pytest.fixture
async def database(fresh_database: Callable[..., str]) -> AsyncIterator[AsyncEngine]:
    postgres = PostgresSettings(dsn=SecretStr(fresh_database("ingest")))
    connected = engine(postgres, "ingest", 8)
    yield connected
    await connected.dispose()


async def bodies(database: AsyncEngine) -> list[Any]:
    async with database.connect() as connection:
        return [json.loads(body) for body in (await connection.execute(TOLD)).scalars()]


async def ask(database: AsyncEngine, query: str) -> Any:
    async with database.connect() as connection:
        return (await connection.execute(text(query))).scalar()


Step = tuple[str, tuple[Any, ...]]


def script(seed: int) -> list[Step]:
    """Return a day's calls in any order: posts, repeats, reversals, files, replacements."""
    chance = random.Random(seed)  # noqa: S311 a repeatable day, no secret
    return [_step(chance, number) for number in range(60)]


def _step(chance: random.Random, number: int) -> Step:
    account, amount = chance.choice("12"), chance.choice(["5", "5.000", "7"])
    serial = f"s-{chance.randrange(8)}"
    match chance.randrange(11):
        case 0 | 1 | 2:
            event = withdrew(amount, serial, account=account, id=f"{serial}/{amount}/{account}")
            return "post", (event, event)
        case 3:
            id_ = f"r/{serial}/{number % 3}"
            return "post", (reversed_(amount, serial, account=account, id=id_),)
        case 4 | 5:
            days = ["2026-06-01", "2026-05-29"]
            rows = [
                fundchg(chance.choice("12"), chance.choice(["-5", "-7"]), chance.choice(days))
                for _ in range(chance.randrange(1, 5))
            ]
            return "drop", (FUNDS, *rows, "bad row")
        case 6:
            rows = [cusfund(a, chance.choice(["3", "4"])) for a in chance.sample("1234", 3)]
            return "drop", (SETTLED, *rows)
        case 7 | 8 | 9:
            kind, day = chance.choice(KINDS), chance.choice((BEFORE, DAY))
            lines = [_dealt(chance, kind, str(day)) for _ in range(chance.randrange(1, 5))]
            return "drop", (cfmmc.name(kind, day), *lines, "bad row")
        case _:
            name = chance.choice(["relations.csv", "staff.csv", "baselines.csv"])
            return "drop_text", (name, csv(name, number))


def _dealt(chance: random.Random, kind: str, day: str) -> str:
    """Return a line of trading or holding that differs in whose it is and in its lots."""
    lots = {} if kind == "otherfund" else {"volume": chance.choice("12")}
    return line(kind, account=chance.choice("12"), date=day, **lots)


def csv(name: str, number: int) -> str:
    """Return a directory file that differs with the number's parity and row."""
    row = number % 3
    return {
        "relations.csv": "account,customer_id,customer_name,customer_type,manager_id\n"
        f"{row},c{number % 2},张三,自然人,m{number % 2}\n",
        "staff.csv": f"staff_id,name,role,mobile\nm{row},王五,manager,1381234567{number % 2}\n",
        "baselines.csv": f"account,opened_on\n{row},2020-01-0{number % 2 + 1}\n",
    }[name]


def without_seals(events: list[Any]) -> list[Any]:
    sealed = ("sealed_name", "sealed_mobile")
    return [
        event | {"data": {k: v for k, v in event["data"].items() if k not in sealed}}
        for event in events
    ]


@pytest.mark.parametrize("seed", range(6))
async def test_postgresql_tells_what_the_dicts_tell(database: AsyncEngine, seed: int) -> None:
    fake = FakeBooks()
    real, ideal = Broker(books_of(database)), Broker(fake.open)
    for call, arguments in script(seed):
        await getattr(real, call)(*arguments)
        await getattr(ideal, call)(*arguments)
    told = without_seals(await bodies(database))
    assert told == without_seals(fake.now.told())
    assert len(told) > 10
    letters = await ask(database, "SELECT count(*) FROM records WHERE headers IS NOT NULL")
    assert letters == len(fake.now.letters())


async def test_no_name_or_phone_lies_in_clear_in_any_table(database: AsyncEngine) -> None:
    broker = Broker(books_of(database))
    for name in ("relations.csv", "staff.csv"):
        await broker.drop_text(
            name, csv(name, 1) + csv(name, 1).splitlines()[1] + ",张三,13812345671\n"
        )
    async with database.connect() as connection:
        tables = await connection.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'ingest'")
        )
        for table in list(tables.scalars()):
            rows = await connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 own names
            held = b"|".join(_bytes(value) for row in rows for value in row)
            assert "张三".encode() not in held
            assert b"1381234567" not in held


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


async def test_a_broadcast_is_stored_once_for_every_partition(database: AsyncEngine) -> None:
    fact = Fact(Identity("s", "1"), "futures.account.v1", "clock", "clock.ticked", b"{}", True)
    for _ in range(2):
        async with books_of(database)() as books:
            await books.inbox.store([fact])
    assert await ask(database, "SELECT count(*) FROM records") == 12
    assert await ask(database, "SELECT count(DISTINCT partition) FROM records") == 12


async def test_facts_keep_their_order_over_chunks(
    database: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "CHUNK", 7)
    facts = [Fact(Identity("s", str(n)), "t", "k", "x", b"%d" % n) for n in range(50)]
    async with books_of(database)() as books:
        assert len(await books.inbox.store(facts)) == 50
    async with database.connect() as connection:
        found = (await connection.execute(text("SELECT body FROM records ORDER BY n"))).scalars()
        assert [int(body) for body in found] == list(range(50))


async def test_one_row_of_a_file_is_met_by_one_of_many_requests(database: AsyncEngine) -> None:
    broker = Broker(books_of(database))
    await broker.drop(FUNDS, fundchg("1", "-5"), fundchg("1", "-5"))
    events = [withdrew("5", f"s-{n}", account="1") for n in range(8)]
    await asyncio.gather(*(broker.post(event) for event in events))
    assert len(await bodies(database)) == 2 + 6
    assert await ask(database, "SELECT count(*) FROM movements WHERE alias IS NOT NULL") == 2


async def test_a_file_and_requests_at_the_same_time_come_to_the_same(
    database: AsyncEngine,
) -> None:
    broker = Broker(books_of(database))
    events = [withdrew("5", f"s-{n}", account="1") for n in range(12)]
    rows = [fundchg("1", "-5")] * 12
    posts = [broker.post(event) for event in events]
    await asyncio.gather(*posts[:6], broker.drop(FUNDS, *rows), *posts[6:])
    told = await bodies(database)
    out = [event for event in told if event["type"] == "funds.withdrawn"]
    assert len(out) - (len(told) - len(out)) == 12
    assert await ask(database, "SELECT count(*) FROM movements WHERE standing") == 12


async def test_two_takers_of_one_file_take_it_once(database: AsyncEngine) -> None:
    brokers = [Broker(books_of(database)) for _ in range(3)]
    lines = [fundchg("1", "-5")]
    fates = await asyncio.gather(*(broker.drop(FUNDS, *lines) for broker in brokers))
    assert sorted(outcome.fate for outcome in fates) == ["known", "known", "taken"]
    assert len(await bodies(database)) == 1


async def test_a_file_cut_off_in_the_middle_leaves_nothing(
    database: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker(books_of(database))
    monkeypatch.setattr(closing, "day_closed", _cut_off)
    await broker.drop(FUNDS, fundchg("1", "-5"))
    with pytest.raises(KeyboardInterrupt):
        await broker.drop(SETTLED, cusfund("1", "3"), "bad row")
    assert [event["type"] for event in await bodies(database)] == ["funds.withdrawn"]
    assert await ask(database, "SELECT count(*) FROM settlements") == 0
    assert await ask(database, "SELECT count(*) FROM closed_days") == 0
    monkeypatch.undo()
    await broker.drop(SETTLED, cusfund("1", "3"), "bad row")
    types = [event["type"] for event in await bodies(database)]
    assert types == ["funds.withdrawn", "account.settled", "day.closed"]


def _cut_off(*_: object) -> Fact:
    raise KeyboardInterrupt


async def test_an_absent_database_is_said_to_be_away(unused_tcp_port: int) -> None:
    nowhere = PostgresSettings(
        dsn=SecretStr(f"postgresql+asyncpg://nobody@127.0.0.1:{unused_tcp_port}/none")
    )
    absent = engine(nowhere, "ingest", 1)
    with pytest.raises(StoresAway):
        await Broker(books_of(absent)).post(withdrew("1"))
    await absent.dispose()


async def test_an_unmigrated_database_is_away_too(fresh_database: Callable[..., str]) -> None:
    bare = engine(PostgresSettings(dsn=SecretStr(fresh_database())), "ingest", 1)
    with pytest.raises(StoresAway):
        await Broker(books_of(bare)).post(withdrew("1"))
    await bare.dispose()


async def test_what_was_heard_is_one_for_all_replicas_and_only_moves_forward(
    database: AsyncEngine,
) -> None:
    brokers = [Broker(books_of(database)) for _ in range(3)]
    events = [withdrew("1", f"{n}", account=f"{n}") for n in range(30)]
    await asyncio.gather(*(brokers[n % 3].post(event) for n, event in enumerate(events)))
    async with books_of(database)() as books:
        first = await books.heard.moments()
    assert list(first) == ["stream"]
    await asyncio.sleep(1.1)
    await brokers[0].post(events[0])
    await brokers[1].post(withdrew("1", "p", source="push"))
    async with books_of(database)() as books:
        later = await books.heard.moments()
    assert sorted(later) == ["push", "stream"]
    assert later["stream"] > first["stream"]
    await brokers[2].drop(FUNDS, fundchg("1", "-5"))
    async with books_of(database)() as books:
        assert await books.heard.moments() == later  # a file is no live source
    async with database.connect() as connection:
        arrived = await connection.execute(text("SELECT source FROM heard WHERE NOT live"))
        assert list(arrived.scalars()) == ["file:fundchg"]
