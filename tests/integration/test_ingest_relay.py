"""The relay against the real stores, ended at every instant: nothing lost or told twice."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.stack import Stores
from services.ingest.adapters import relay as relaying
from services.ingest.adapters import relay_sql
from services.ingest.adapters.books import books_of
from services.ingest.adapters.lanes import Lane, lanes
from services.ingest.adapters.relay import Relay, Step
from services.ingest.agent.burying import SEALED_ROW
from services.ingest.domain.normalise import day_closed
from shared.contracts.topics import ACCOUNT
from shared.db.session import engine
from shared.settings import KafkaSettings, PostgresSettings
from shared.streams.publish import partition_of
from tests.kit.eventually import eventually
from tests.kit.ingest import DAY, cusfund, fundchg, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker
from tests.kit.ingest_log import Log
from tests.kit.topic import read_all

NUMBERS = itertools.count(1)
LANE = lanes(1, 12)[0]


class Killed(BaseException):
    """The relay's process ends here."""


class Site:
    """A broker of its own on the shared Kafka, with a database of its own."""

    def __init__(self, stores: Stores, dsn: str, database: AsyncEngine) -> None:
        self.name = f"relay{next(NUMBERS)}"
        self.kafka = KafkaSettings(brokers=stores.kafka)
        self.postgres = PostgresSettings(dsn=SecretStr(dsn))
        self.database = database
        self.broker = Broker(books_of(database), self.name)
        self.told: dict[str, list[str]] = {}

    async def post(self, count: int, accounts: int = 10) -> None:
        """Post one batch and remember each account's events in their order."""
        start = sum(map(len, self.told.values()))
        events = []
        for n in range(start, start + count):
            account = f"8{n % accounts:07}"
            events.append(withdrew("1", f"s{n}", account=account, broker=self.name))
            self.told.setdefault(f"{self.name}:{account}", []).append(f"withdrawal/s{n}")
        assert (await self.broker.post(*events)).accepted == count

    def relay(self, watch: Callable[[Step], None] = lambda _: None, lane: Lane = LANE) -> Relay:
        return Relay(self.postgres, self.kafka, lane, watch)

    async def unsent(self) -> int:
        query = text("SELECT count(*) FROM outbox")
        async with self.database.connect() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def letter(self) -> bytes:
        """Return the one dead letter as it was stored."""
        query = text("SELECT body FROM records WHERE type = 'dead-letter'")
        async with self.database.connect() as connection:
            return bytes((await connection.execute(query)).scalar_one())

    async def drained(self) -> bool:
        return await self.unsent() == 0

    async def log(self) -> Log:
        return await Log.read(self.kafka.brokers, self.name)

    @contextlib.asynccontextmanager
    async def relaying(
        self, watch: Callable[[Step], None] = lambda _: None, lane: Lane = LANE
    ) -> AsyncIterator[Relay]:
        relay = self.relay(watch, lane)
        task = asyncio.create_task(relay.run())
        try:
            yield relay
        finally:
            relay.stop()
            await asyncio.wait_for(task, 20)


@pytest.fixture
async def site(
    stores: Stores, fresh_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    monkeypatch.setattr(relaying, "BATCH", 20)
    monkeypatch.setattr(relaying, "RETRY_SECONDS", 0.1)
    dsn = fresh_database("ingest")
    postgres = PostgresSettings(dsn=SecretStr(dsn))
    database = engine(postgres, "ingest", 4)
    yield Site(stores, dsn, database)
    await database.dispose()


def at(step: Step, rounds: Sequence[int]) -> Callable[[Step], None]:
    """Return a watcher that ends the relay at a step of the given rounds."""
    left = list(rounds)
    count = itertools.count(1)

    def watch(now: Step) -> None:
        if now is step and left and next(count) == left[0]:
            left.pop(0)
            raise Killed(now)

    return watch


@pytest.mark.parametrize("step", list(Step))
async def test_a_relay_ended_at_any_instant_loses_and_repeats_nothing(
    site: Site, step: Step
) -> None:
    await site.post(60)
    watch = at(step, [1, 2, 4])
    deaths = 0
    while True:
        try:
            relay = site.relay(watch)
            task = asyncio.create_task(relay.run())
            ending = asyncio.create_task(eventually(site.drained))
            await site.post(15)
            await asyncio.wait([task, ending], return_when=asyncio.FIRST_COMPLETED)
            ending.cancel()
            relay.stop()
            await task
        except Killed:
            deaths += 1
            continue
        break
    log = await site.log()
    assert deaths == 3
    assert log.ids(site.told) == site.told
    repeated = log.repeats()
    assert (repeated > 0) is (step is Step.SENT)


async def test_a_failure_begins_again_with_what_was_left_first(site: Site) -> None:
    await site.post(50)
    failing = at(Step.COMMITTED, [2])

    def watch(step: Step) -> None:
        try:
            failing(step)
        except Killed as death:
            raise ConnectionError(str(death)) from None

    async with site.relaying(watch):
        await eventually(site.drained)
    assert (await site.log()).ids(site.told) == site.told


async def test_a_lost_lock_ends_the_relay_and_another_takes_over(site: Site) -> None:
    ending = text(
        "SELECT count(pg_terminate_backend(pid)) FROM ("
        "SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 27758 "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ") AS holder"
    )
    async with site.relaying() as first, site.relaying() as second:

        async def one_of_two() -> bool:
            return sorted([first.state, second.state]) == ["publishing", "standby"]

        for _ in range(4):
            await site.post(40)
            await eventually(site.drained)
            await eventually(one_of_two)
            async with site.database.begin() as connection:
                assert (await connection.execute(ending)).scalar_one() == 1
    assert (await site.log()).ids(site.told) == site.told


async def test_replicas_told_of_other_lanes_share_no_partition(site: Site) -> None:
    first, second = lanes(2, 12)
    async with site.relaying(lane=first) as half:
        await eventually(_stated(half, "publishing"))
        async with site.relaying() as whole, site.relaying(lane=second) as other:
            await eventually(_stated(other, "publishing"))
            await eventually(_stated(whole, "standby"))
            await site.post(60)
            await eventually(site.drained)
            assert whole.state == "standby"
    assert (await site.log()).ids(site.told) == site.told


def _stated(relay: Relay, state: str) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return relay.state == state

    return ask


async def test_an_absent_kafka_is_waited_for_and_stopping_does_not_hang(
    site: Site, unused_tcp_port: int
) -> None:
    await site.post(5)
    site_kafka, site.kafka = site.kafka, KafkaSettings(brokers=f"127.0.0.1:{unused_tcp_port}")
    relay = site.relay()
    task = asyncio.create_task(relay.run())

    async def refused() -> bool:
        return relay.state.startswith("lane 0: ")

    await eventually(refused)
    relay.stop()
    await asyncio.wait_for(task, 10)
    site.kafka = site_kafka
    async with site.relaying():
        await eventually(site.drained)
    assert (await site.log()).ids(site.told) == site.told


async def test_a_day_is_closed_in_every_partition_after_its_rows(site: Site) -> None:
    accounts = [f"8{n:07}" for n in range(40)]
    async with site.relaying():
        await site.broker.drop(FUNDS, *(fundchg(account, "-5") for account in accounts))
        await site.broker.drop(SETTLED, *(cusfund(account, "3") for account in accounts))
        await eventually(site.drained)
    log = await site.log()
    closed = [subject for subject in log.records if subject.startswith("clock/")]
    assert len(closed) == 12
    assert day_closed(site.name, DAY).identity.id == log.seen(closed[0])[0]["id"]
    by_partition = {int(s.split("/")[1]): log.seen(s)[0]["sequence"] for s in closed}
    for account in accounts:
        subject = f"{site.name}:{account}"
        events = log.seen(subject)
        assert [event["type"] for event in events] == ["funds.withdrawn", "account.settled"]
        assert events[-1]["sequence"] < by_partition[partition_of(subject.encode(), 12)]


async def test_dead_letters_arrive_as_they_came(site: Site) -> None:
    async with site.relaying():
        await site.broker.drop(FUNDS, fundchg("1", "-5"), f"rubbish of {site.name}")
        await eventually(site.drained)
    body = await site.letter()
    records = await read_all(site.kafka.brokers, ACCOUNT.dead_letters.name)
    [letter] = [r for r in records if r.value == body]
    headers = {name: value.decode() for name, value in letter.headers}
    assert headers["origin-file"] == FUNDS
    assert headers["sealed"] == SEALED_ROW
    assert headers["origin-line"] == "2"
    assert headers["reason"] == "line: 1 columns, at least 9 expected"


async def test_finding_what_is_unsent_never_reads_what_was_sent(site: Site) -> None:
    many = text(
        """
        INSERT INTO records (source, id, topic, partition, key, type, body)
        SELECT 's', n::text, 't', n % 12, 'k', 'x', '' FROM generate_series(1, 50000) n
        """
    )
    async with site.database.begin() as connection:
        await connection.execute(many)
        await connection.execute(text("DELETE FROM outbox"))
    await site.post(30)
    for query in (relay_sql.GIVE, relay_sql.LEFT):
        explained = text(f"EXPLAIN (ANALYZE, BUFFERS) {query.text}")
        async with site.database.connect() as connection:
            found = await connection.execute(explained, {"first": 0, "last": 11, "most": 20})
            plan = "\n".join(found.scalars())
            await connection.rollback()
        assert "records" not in plan
