"""再提醒 over a ledger of dicts and lists."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.answering import Answering, Given
from services.notify.domain.answer import Contacted, HandedOver, Snoozed
from services.notify.domain.muting import Muting, Silence
from services.notify.reminding import Reminding
from tests.kit.alerts import (
    BROKER,
    MANAGER,
    MOMENT,
    MORNING,
    NIGHT,
    known,
    member,
    raised,
    withdrawn,
)
from tests.kit.memory_ledger import Stage, stage

ALERT = raised().data.alert_id
HOUR = timedelta(hours=1)
LATER = Snoozed(MOMENT + HOUR, "开会")
HEIR = member("m002")


async def snoozed(answer: Snoozed = LATER, urgency: str = "high") -> tuple[Stage, Reminding]:
    one = stage(known(MANAGER, HEIR))
    await one.teller.hear(raised(urgency=urgency), "t/0/0")
    await say(one, answer, "0")
    return one, Reminding(one.ledger, one.teller, one.clock)


async def say(one: Stage, answer: Snoozed | Contacted | HandedOver, once: str) -> None:
    answering = Answering(one.ledger, one.teller, one.clock)
    given = Given(ALERT, "m001", answer, once, "page")
    assert await answering.take(given) == "taken"


async def test_the_snoozer_is_told_again_once_marked_and_by_all_channels() -> None:
    one, reminding = await snoozed()
    one.clock.advance(MOMENT + HOUR - timedelta(seconds=1))
    assert await reminding.step() is False
    one.clock.advance(MOMENT + HOUR)
    assert await reminding.step() is True
    assert await reminding.step() is False
    assert one.ledger.told()[2:] == ["1 m001 wecom_app 3", "1 m001 aliyun_sms 3"]
    assert one.ledger.decisions[-2:] == ["1 send snooze-over"] * 2
    assert all("（再提醒）" in intent.body for intent in list(one.ledger.intents.values())[2:3])


async def test_a_second_reminder_says_something_else_or_the_gateway_would_drop_it() -> None:
    one, reminding = await snoozed()
    for number in range(2):
        one.clock.advance(LATER.until + number * HOUR)
        await reminding.step()
        await say(one, Snoozed(one.clock.now() + HOUR), str(number + 1))
    bodies = {i.body for i in one.ledger.intents.values() if i.send.channel == "wecom_app"}
    assert len(bodies) == 3


@pytest.mark.parametrize("answer", [Contacted(), HandedOver("m002")])
async def test_another_answer_makes_it_needless(answer: Contacted | HandedOver) -> None:
    one, reminding = await snoozed()
    await say(one, answer, "1")
    one.clock.advance(MOMENT + 2 * HOUR)
    assert await reminding.step() is False


async def test_the_last_later_is_the_one_that_counts() -> None:
    one, reminding = await snoozed()
    await say(one, Snoozed(MOMENT + 2 * HOUR), "1")
    one.clock.advance(MOMENT + HOUR)
    assert await reminding.step() is False
    one.clock.advance(MOMENT + 2 * HOUR)
    assert await reminding.step() is True


async def test_what_was_withdrawn_needs_no_reminder() -> None:
    one, reminding = await snoozed()
    await one.teller.hear(withdrawn(), "t/0/1")
    told = one.ledger.told()
    one.clock.advance(MOMENT + HOUR)
    assert await reminding.step() is True
    assert (one.ledger.told(), one.ledger.reminders) == (told, {})


async def test_it_keeps_to_the_quiet_hours_of_its_urgency() -> None:
    one, reminding = await snoozed(Snoozed(NIGHT), urgency="middle")
    one.clock.advance(NIGHT)
    assert await reminding.step() is False
    one.clock.advance(MORNING)
    assert await reminding.step() is True
    assert one.ledger.told()[1:] == ["1 m001 wecom_app 3"]


async def test_a_silence_keeps_it_back_and_is_named() -> None:
    one, reminding = await snoozed()
    quiet = Silence(7, BROKER, MOMENT, MOMENT + 2 * HOUR, "系统切换", "cli:ops")
    one.ledger.muted = Muting((quiet, replace(quiet, number=8, until=MOMENT + HOUR)))
    one.clock.advance(MOMENT + HOUR)
    assert await reminding.step() is True
    assert one.ledger.decisions[-1] == "1 defer silenced"
    assert one.ledger.reminders == {ALERT: ("m001", MOMENT + 2 * HOUR)}


async def test_a_leaver_is_reminded_by_the_successor_and_nobody_is_named() -> None:
    one, reminding = await snoozed()
    one.ledger.people = known(replace(MANAGER, successor_id="m002"), HEIR)
    one.clock.advance(MOMENT + HOUR)
    await reminding.step()
    assert one.ledger.told()[-1].startswith("1 m002 ")
    await say(one, Snoozed(MOMENT + 2 * HOUR), "1")
    one.ledger.people = known(replace(MANAGER, wecom_userid=None, mobile=None))
    one.clock.advance(MOMENT + 2 * HOUR)
    await reminding.step()
    assert one.ledger.decisions[-1] == "1 suppress snooze-over-nobody-reachable"
