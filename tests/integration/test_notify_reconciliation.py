"""The topic of a real Kafka held against the ledger in a real PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text
from typer.testing import CliRunner

from deploy.cli import build
from deploy.embedded.stack import Stores
from services.notify.domain.from_profile import alert_of
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent
from services.notify.domain.reconciliation import Reckoning
from services.notify.reconciling import Books, Period, measure
from shared.clock import DrivenClock, WallClock
from shared.contracts.profiles import PROFILES, Eligible, became_eligible
from shared.contracts.topics import ALERT, PARTITIONS, PROFILE
from shared.observability.metrics import UNBALANCED
from shared.settings import KafkaSettings
from shared.streams.deadletters import letter
from shared.streams.publish import Record
from tests.kit.alerts import MOMENT, customer_changed, raised, updated
from tests.kit.notify_ledger import Stage, desk, ledger_stage, manager, tampering
from tests.kit.topic import ends_of, read_all, record, send

READY = Path(__file__).parents[2] / "shared/contracts/examples/report.ready.json"
pytestmark = pytest.mark.integration
ACCOUNTS = [f"8002{n:04d}" for n in range(6)]


@dataclass
class Sides:
    """A topic, as far as it was read into the ledger, and the ledger."""

    stage: Stage
    kafka: str
    dsn: str
    begin: datetime

    async def read_in(self, *events: Any) -> None:
        """Publish alerts; enter them as notify does, and commit as it does."""
        before = await ends_of(self.kafka, ALERT.name)
        await send(self.kafka, [record(ALERT.name, event) for event in events])
        for _ in await read_all(self.kafka, ALERT.name, before):
            continue
        await self.stage.hear(*events)
        await self.commit()

    async def commit(self) -> None:
        topics = (ALERT.name, PROFILE.name)
        places = [TopicPartition(topic, p) for topic in topics for p in range(PARTITIONS)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, group_id="notify")
        consumer.assign(places)
        await consumer.start()
        try:
            await consumer.commit(await consumer.end_offsets(places))
        finally:
            await consumer.stop()

    async def sums(self) -> Reckoning:
        books = Books(KafkaSettings(brokers=self.kafka), self.stage.database.connect)
        return (await books.reconcile(Period(begin=self.begin)))[0]


@pytest.fixture
async def sides(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Sides]:
    dsn = fresh_database("notify")
    async with ledger_stage(stores, dsn) as stage:
        await asyncio.sleep(0.01)  # Kafka's time has milliseconds
        yield Sides(stage, stores.kafka, dsn, WallClock().now())


async def told(sides: Sides) -> None:
    """Tell six alerts: sent, both rejected, waiting, open, ambiguous beside sent, repeated."""
    stage = sides.stage
    await stage.learn(manager(), desk(), customer_changed("c1", accounts=ACCOUNTS[:5]))
    first = [raised(account=account) for account in ACCOUNTS]
    await sides.read_in(*first, first[0], updated(3, account=ACCOUNTS[0]))
    await sides.read_in(updated(2, account=ACCOUNTS[0]))
    answers: dict[tuple[str, str], Outcome] = {
        (ACCOUNTS[1], "wecom_app"): Rejected("errcode-81013"),
        (ACCOUNTS[1], "aliyun_sms"): Rejected("code-isv.X"),
        (ACCOUNTS[2], "aliyun_sms"): Retry("ReadTimeout", unsure=True),
    }
    for _ in range(4):
        for claimed in await stage.queue.claim(50):
            if claimed.account == ACCOUNTS[3] and claimed.channel == "wecom_app":
                continue  # still under way
            outcome = answers.get((claimed.account, claimed.channel), Sent("m"))
            await stage.teller.conclude(claimed, outcome)


async def test_what_notify_has_done_balances(sides: Sides) -> None:
    await told(sides)
    sums = await sides.sums()
    assert sums.wrong == {}
    assert sums.balances
    assert (sums.raised, sums.repeated) == (8, 1)
    assert sums.standings["suppressed"] == 1  # the lower revision
    assert sums.standings["open"] == 1  # it waits for its client
    assert sums.standings["undeliverable"] == 1  # the risk desk was not reached either
    assert sums.standings["told"] == 5
    assert sums.ends["failed"] == 3
    assert sums.written == sums.ends.total()


async def test_a_record_in_the_dead_letters_is_no_alert_and_one_that_is_not_is_missed(
    sides: Sides,
) -> None:
    before = await ends_of(sides.kafka, ALERT.name)
    await send(sides.kafka, [Record(ALERT.name, b"k", b"garbage")])
    (poison,) = await read_all(sides.kafka, ALERT.name, before)
    await sides.commit()
    assert len((await sides.sums()).unburied) == 1
    origin = {
        "origin-topic": ALERT.name,
        "origin-partition": str(poison.partition),
        "origin-offset": str(poison.offset),
        "reason": "r",
    }
    await send(sides.kafka, [letter(ALERT.name, b"k", b"garbage", origin)])
    sums = await sides.sums()
    assert (sums.balances, sums.buried, sums.raised) == (True, 1, 0)


async def test_what_is_past_the_commit_is_not_counted_and_what_is_before_it_is_missed(
    sides: Sides,
) -> None:
    await send(sides.kafka, [record(ALERT.name, raised(account=ACCOUNTS[0]))])
    assert (await sides.sums()).raised == 0
    await sides.commit()
    sums = await sides.sums()
    assert sums.wrong == {"unread": {raised(account=ACCOUNTS[0]).data.alert_id}}


async def test_what_profile_tells_of_a_client_is_reckoned_too(sides: Sides) -> None:
    told = Eligible(
        broker="demo",
        customer_id="c1",
        account=ACCOUNTS[0],
        permissions=("ine-crude",),
        names=("原油期货和期权",),
        trading_day=MOMENT.date(),
    )
    fact = became_eligible(told, MOMENT)
    before = await ends_of(sides.kafka, PROFILE.name)
    ready = PROFILES.validate_json(READY.read_bytes())  # no alert
    await send(sides.kafka, [record(PROFILE.name, fact), record(PROFILE.name, ready)])
    lies = await read_all(sides.kafka, PROFILE.name, before)
    (kept,) = (one for one in lies if one.key == b"c1")
    alert = alert_of(fact, f"{kept.topic}/{kept.partition}/{kept.offset}")
    assert alert is not None
    await sides.commit()
    assert (await sides.sums()).wrong == {"unread": {alert.data.alert_id}}
    await sides.stage.learn(manager(), desk(), customer_changed("c1", accounts=ACCOUNTS[:1]))
    await sides.stage.hear(alert)
    sums = await sides.sums()
    assert (sums.balances, sums.raised, sums.standings["open"]) == (True, 1, 1)


SPOILT: dict[str, str] = {
    "unread": "DELETE FROM inbox",
    "decided-not-written": "DELETE FROM intents WHERE state = 'sent'",
    "written-undecided": "DELETE FROM decisions WHERE decision = 'send'",
    "sent-without-attempt": "DELETE FROM attempts",
    "unaccounted": "UPDATE intents SET state = 'rejected'",
}


@pytest.mark.parametrize("reason", SPOILT)
async def test_a_ledger_that_was_tampered_with_is_found_out(sides: Sides, reason: str) -> None:
    await told(sides)
    async with tampering(sides.stage.database) as connection:
        await connection.execute(text(SPOILT[reason]))
    sums = await sides.sums()
    assert reason in sums.wrong
    assert not sums.balances


async def test_the_gauge_and_the_command_say_the_same(sides: Sides) -> None:
    await told(sides)
    books = Books(KafkaSettings(brokers=sides.kafka), sides.stage.database.connect)

    async def gauge() -> float:
        await measure(books, DrivenClock(sides.begin))
        return float(UNBALANCED._value.get())

    words = ["notify", "reconcile", "--json", "--brokers", sides.kafka, "--postgres", sides.dsn]

    def command(*more: str) -> Any:
        return CliRunner().invoke(build("notify"), [*words, *more])

    async with tampering(sides.stage.database) as connection:
        await connection.execute(text("DELETE FROM inbox"))
    assert await gauge() >= 6
    shown = await asyncio.to_thread(command)
    assert shown.exit_code == 1, shown.output
    said = json.loads(shown.stdout)
    which = {str(raised(account=account).data.alert_id) for account in ACCOUNTS}
    assert which & set(said["alert_ids"])
    assert said["balances"] is False
    assert (await asyncio.to_thread(command, "--day", "1999-01-01")).exit_code == 0
