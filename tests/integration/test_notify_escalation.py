"""升级 on a real PostgreSQL: an unanswered alert climbs to the risk desk by trading minutes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters import tables as t
from services.notify.adapters.directory import People, learn_customers, learn_staff
from services.notify.adapters.ledger import PostgresLedger
from services.notify.adapters.records import Records
from services.notify.agent import Teller
from services.notify.answering import Answering, Given
from services.notify.climbing import Climbing
from services.notify.domain.answer import Answer, Contacted, HandedOver, Snoozed
from services.notify.domain.climb import Escalation
from shared.clock import DrivenClock
from shared.db.migrate import migrate
from shared.db.session import engine
from shared.kernel.trading_day import CHINA, china
from shared.settings import PostgresSettings
from tests.kit.alerts import POLICY, customer_changed, raised, staff_changed, updated, withdrawn
from tests.kit.notify_ledger import CHANNELS, CIPHER, SIGNER

pytestmark = pytest.mark.integration
ALERT = raised().data.alert_id
STAFF = (
    staff_changed("m001", leader_id="l001", branch_id="b01"),
    staff_changed("m002", leader_id="l002", branch_id="b01"),
    staff_changed("l001", role="team-lead", branch_id="b01"),
    staff_changed("l002", role="team-lead", branch_id="b01"),
    staff_changed("h001", role="branch-head", branch_id="b01"),
    staff_changed("h009", role="branch-head", branch_id="b09"),
    staff_changed("r001", role="risk"),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}").replace(tzinfo=CHINA)


@dataclass
class Stage:
    database: AsyncEngine
    clock: DrivenClock
    teller: Teller
    records: Records

    @property
    def climbing(self) -> Climbing:
        """A worker that has just been started."""
        return Climbing(self.teller.ledger, self.teller, self.teller.escalation, self.clock)

    async def until(self, text: str, every: timedelta = timedelta(minutes=1)) -> list[str]:
        """Let the time pass in ticks; return who heard when."""
        end = at(text)
        while self.clock.now() < end:
            self.clock.advance(min(self.clock.now() + every, end))
            while await self.climbing.step():
                pass
        return await self.heard()

    async def heard(self) -> list[str]:
        d = t.decisions.c
        query = select(d.receiver, d.decided_at).where(d.decision == "send").order_by(d.number)
        async with self.database.connect() as connection:
            rows = (await connection.execute(query)).all()
        return [f"{r.receiver} {r.decided_at.astimezone(CHINA):%d %H:%M}" for r in rows]

    async def reasons(self) -> list[str]:
        d = t.decisions.c
        async with self.database.connect() as connection:
            return list(await connection.scalars(select(d.reason).order_by(d.number)))

    async def answer(self, answer: Answer, once: str = "0") -> str:
        answering = Answering(self.teller.ledger, self.teller, self.clock)
        return await answering.take(Given(ALERT, "m001", answer, once, "page"))


@pytest.fixture
async def stage(fresh_database: Callable[[], str]) -> AsyncIterator[Stage]:
    settings = PostgresSettings(dsn=SecretStr(fresh_database()))
    await migrate(settings, "notify")
    database = engine(settings, "notify", pool_size=4)
    clock = DrivenClock(at("01T11:25"))
    ledger = PostgresLedger(database, People(CIPHER, "risk"), CIPHER)
    ladders = Escalation(POLICY, china())
    teller = Teller(ledger, POLICY, CHANNELS, SIGNER, clock, lambda: None, ladders)
    async with database.begin() as connection:
        await learn_staff(connection, STAFF)
        await learn_customers(connection, [customer_changed("c1")])
    yield Stage(database, clock, teller, Records(database))
    await database.dispose()


async def test_nobody_answers_across_a_lunch_break(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    assert await stage.until("01T18:00") == [
        "m001 01 11:25",
        "l001 01 13:35",
        "h001 01 13:45",
        "r001 01 13:55",
    ]
    view = await stage.records.view(ALERT, "m001")
    assert view is not None
    assert [(s.reason, s.receiver) for s in view.steps] == [
        ("escalated-team-lead", "l001"),
        ("escalated-branch-head", "h001"),
        ("escalated-risk", "r001"),
    ]
    assert [(d.receiver, d.channel) for d in view.deliveries][1] == ("l001", "wecom_app")
    assert view.next_step is None


async def test_nobody_answers_across_an_evening_and_a_night(stage: Stage) -> None:
    stage.clock.advance(at("01T14:55"))
    await stage.teller.hear(raised(), "t/0/0")
    assert (await stage.until("01T22:00"))[1:] == [
        "l001 01 21:05",
        "h001 01 21:15",
        "r001 01 21:25",
    ]
    stage.clock.advance(at("02T02:15"))
    await stage.teller.hear(raised(episode="night"), "t/0/1")
    assert (await stage.until("02T12:00"))[5:] == [
        "l001 02 02:25",
        "h001 02 09:05",
        "r001 02 09:15",
    ]


async def test_after_a_standstill_only_the_highest_due_step_is_taken(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    assert await stage.until("01T18:00", every=timedelta(hours=8)) == [
        "m001 01 11:25",
        "r001 01 18:00",
    ]
    assert (await stage.reasons())[-3:] == [
        "passed-over-team-lead",
        "passed-over-branch-head",
        "escalated-risk",
    ]
    assert await stage.until("03T18:00", every=timedelta(hours=8)) == await stage.heard()
    assert len(await stage.heard()) == 2


async def test_an_answer_stops_it_and_what_goes_on_climbs_anew(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.until("01T13:36")
    assert await stage.answer(Contacted()) == "taken"
    assert await stage.until("01T18:00") == ["m001 01 11:25", "l001 01 13:35"]
    stage.clock.advance(at("02T09:00"))
    await stage.teller.hear(updated(), "t/0/1")
    heard = await stage.until("02T09:15")
    assert heard[2:] == ["m001 02 09:00", "l001 02 09:10"]


async def test_a_later_postpones_it(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.until("01T11:28")
    assert await stage.answer(Snoozed(at("01T14:00"), "开会")) == "taken"
    assert (await stage.until("01T14:12"))[1:] == ["l001 01 14:07"]


async def test_handed_over_it_climbs_above_the_heir(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.until("01T13:31")
    assert await stage.answer(HandedOver("m002")) == "taken"
    assert (await stage.until("01T13:52"))[1:] == [
        "m002 01 13:31",
        "l002 01 13:41",
        "h001 01 13:51",
    ]


async def test_what_is_withdrawn_climbs_no_further(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.until("01T13:31")
    await stage.teller.hear(withdrawn(), "t/0/1")
    assert (await stage.until("01T18:00"))[1:] == ["m001 01 13:31"]


async def test_who_has_heard_is_not_told_again(stage: Stage) -> None:
    """An alert that the desk had at once: its ladder ends there too."""
    unknown: dict[str, Any] = {"account": "feed"}
    await stage.teller.hear(raised(**unknown), "t/0/0")
    assert await stage.until("01T18:00") == ["r001 01 11:25"]
    assert (await stage.reasons())[-3:] == [
        "escalated-team-lead-nobody",
        "escalated-branch-head-nobody",
        "escalated-risk-has-heard",
    ]


async def test_two_workers_take_a_step_once(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    stage.clock.advance(at("01T13:36"))
    await asyncio.gather(stage.climbing.step(), stage.climbing.step())
    assert await stage.heard() == ["m001 01 11:25", "l001 01 13:36"]
