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

from services.notify.adapters import muting
from services.notify.adapters import tables as t
from services.notify.adapters.directory import People, learn_customers, learn_staff
from services.notify.adapters.ledger import PostgresLedger
from services.notify.adapters.records import Records
from services.notify.adapters.stories import story
from services.notify.agent import Teller
from services.notify.answering import Answering, Given
from services.notify.climbing import Climbing
from services.notify.commands.explaining import lines
from services.notify.domain.answer import Answer, Contacted, HandedOver, Snoozed
from services.notify.domain.climb import Escalation
from services.notify.domain.muting import Silence
from services.notify.reminding import Reminding
from shared.clock import DrivenClock
from shared.db.session import engine
from shared.kernel.trading_day import CHINA, china
from shared.settings import PostgresSettings
from tests.kit.alerts import (
    BROKER,
    POLICY,
    customer_changed,
    raised,
    staff_changed,
    updated,
    withdrawn,
)
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

    @property
    def reminding(self) -> Reminding:
        return Reminding(self.teller.ledger, self.teller, self.clock)

    async def until(self, text: str, every: timedelta = timedelta(minutes=1)) -> list[str]:
        """Let the time pass in ticks; return who heard when."""
        end = at(text)
        while self.clock.now() < end:
            self.clock.advance(min(self.clock.now() + every, end))
            while await self.reminding.step() or await self.climbing.step():
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

    async def explained(self) -> list[str]:
        async with self.database.connect() as connection:
            return list(lines(await story(connection, ALERT)))

    async def silence(self, begin: str, until: str, **given: Any) -> int:
        fields = {"manager": "m001"} | given
        made = Silence(0, BROKER, at(begin), at(until), "系统切换", "cli:ops", **fields)
        async with self.database.begin() as connection:
            return await muting.add(connection, made)

    async def end(self, number: int) -> bool:
        async with self.database.begin() as connection:
            return await muting.end(connection, number, "cli:ops", self.clock.now())

    async def answer(self, answer: Answer, once: str = "0") -> str:
        answering = Answering(self.teller.ledger, self.teller, self.clock)
        return await answering.take(Given(ALERT, "m001", answer, once, "page"))


@pytest.fixture
async def stage(fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    settings = PostgresSettings(dsn=SecretStr(fresh_database("notify")))
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
    explained = [line.split("  ", 2)[-1] for line in await stage.explained() if "over-" in line]
    assert [(line.count("不再告知"), line.partition("因 by ")[2]) for line in explained] == [
        (1, "escalated-risk"),
        (1, "escalated-risk"),
    ]
    assert "不再告知：组长 |" in explained[0]


async def test_an_answer_stops_it_and_what_goes_on_climbs_anew(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.until("01T13:36")
    assert await stage.answer(Contacted()) == "taken"
    assert await stage.until("01T18:00") == ["m001 01 11:25", "l001 01 13:35"]
    stage.clock.advance(at("02T09:00"))
    await stage.teller.hear(updated(), "t/0/1")
    heard = await stage.until("02T09:15")
    assert heard[2:] == ["m001 02 09:00", "l001 02 09:10"]


async def test_a_more_urgent_revision_takes_its_own_ladder_from_then_on(stage: Stage) -> None:
    await stage.teller.hear(raised(urgency="middle"), "t/0/0")
    assert (await stage.until("01T12:30"))[1:] == ["l001 01 12:25"]
    await stage.until("01T13:31")
    await stage.teller.hear(updated(urgency="high"), "t/0/1")
    heard = await stage.until("01T18:00")
    assert [one for one in heard if not one.startswith("m001")] == [
        "l001 01 12:25",
        "h001 01 13:51",  # the team lead's step was taken: the next of the new ladder
        "r001 01 14:01",
    ]


async def test_raised_again_after_its_withdrawal_it_climbs_from_the_first_step(
    stage: Stage,
) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.until("01T14:00")  # it has reached the top
    await stage.teller.hear(withdrawn(), "t/0/1")
    await stage.until("01T14:05")
    await stage.teller.hear(raised(revision=3), "t/0/2")
    assert (await stage.until("01T14:20"))[-1] == "l001 01 14:15"


async def test_who_said_later_is_told_again_once_and_then_it_climbs_on(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.until("01T11:28")
    assert await stage.answer(Snoozed(at("01T14:00"), "开会")) == "taken"
    assert (await stage.until("01T14:12"))[1:] == ["m001 01 14:00", "l001 01 14:07"]
    assert (await stage.reasons()).count("snooze-over") == 1
    again = select(t.intents.c.step).where(t.intents.c.receiver == "m001")
    async with stage.database.connect() as connection:
        assert list(await connection.scalars(again.order_by(t.intents.c.number))) == [1, 3]


async def test_after_a_standstill_the_reminder_comes_once_and_late(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.answer(Snoozed(at("01T11:29")))
    assert await stage.until("01T13:32", every=timedelta(hours=8)) == [
        "m001 01 11:25",
        "m001 01 13:32",
    ]
    assert await stage.until("01T13:33") == await stage.heard()


async def test_what_is_over_before_the_time_has_come_needs_no_reminder(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.answer(Snoozed(at("01T14:00")))
    await stage.until("01T13:31")
    assert await stage.answer(Contacted(), once="1") == "taken"
    assert await stage.until("01T18:00") == ["m001 01 11:25"]
    await stage.answer(Snoozed(at("01T19:00")), once="2")
    await stage.teller.hear(withdrawn(), "t/0/1")
    assert (await stage.until("01T20:00"))[1:] == ["m001 01 18:00"]  # the withdrawal itself


async def test_a_reminder_waits_for_the_end_of_a_silence(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.answer(Snoozed(at("01T13:40")))
    number = await stage.silence("01T13:35", "01T23:30")
    assert await stage.until("01T13:50") == ["m001 01 11:25"]
    assert await stage.end(number)
    assert (await stage.until("01T13:52"))[1:] == ["m001 01 13:51"]


async def test_the_end_of_a_silence_ends_no_snooze(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.answer(Snoozed(at("01T14:00")))
    number = await stage.silence("01T11:26", "01T23:00")
    await stage.until("01T13:40")
    assert await stage.end(number)
    assert (await stage.until("01T14:01"))[1:] == ["m001 01 14:00"]


async def test_of_two_silences_each_keeps_back_what_would_be_due(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.until("01T11:26")
    first = await stage.silence("01T11:26", "01T14:00")
    await stage.silence("01T11:26", "01T14:30", manager=None, rule="large_withdrawal")
    assert await stage.end(first)  # before anything was due: nothing is kept back by the other
    assert await stage.until("01T13:30") == ["m001 01 11:25"]
    assert not [r for r in await stage.reasons() if r.endswith("silenced")]
    assert (await stage.until("01T14:40"))[1:] == ["l001 01 14:39"]


async def test_a_silence_made_later_stops_the_climb_and_its_end_resumes_it(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")  # 11:25
    await stage.until("01T13:33")
    await stage.silence("01T13:33", "01T14:33")
    assert await stage.until("01T14:34") == ["m001 01 11:25"]
    assert (await stage.reasons())[-1] == "escalated-team-lead-silenced"
    view = await stage.records.view(ALERT, "m001")
    assert view is not None
    assert view.next_step == at("01T14:35")
    assert (await stage.until("01T14:45"))[1:] == ["l001 01 14:35", "h001 01 14:45"]


async def test_a_silence_that_is_ended_early_resumes_it_early(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.until("01T13:33")
    number = await stage.silence("01T13:33", "01T23:33")
    await stage.until("01T13:40")
    assert await stage.end(number)
    assert (await stage.until("01T13:45"))[1:] == ["l001 01 13:42"]


async def test_a_silence_of_something_else_stops_nothing(stage: Stage) -> None:
    await stage.teller.hear(raised(), "t/0/0")
    await stage.silence("01T11:26", "01T23:00", manager="m002")
    await stage.silence("01T11:26", "01T23:00", manager=None, rule="margin_usage")
    assert (await stage.until("01T13:36"))[1:] == ["l001 01 13:35"]


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
