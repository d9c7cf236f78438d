"""The handlers over a ledger of dicts and lists."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.notify.domain.decide import DAWN
from services.notify.domain.outcome import Rejected, Retry, Sent
from tests.kit.alerts import (
    MOMENT,
    MORNING,
    NIGHT,
    STRANGER,
    confirmed,
    known,
    raised,
    updated,
    withdrawn,
)
from tests.kit.memory_ledger import stage

MIDDLE: dict[str, Any] = {"urgency": "middle"}
BOTH = ["1 m001 wecom_app 1", "1 m001 aliyun_sms 1"]


async def test_an_alert_becomes_intents_and_wakes_the_dispatcher() -> None:
    s = stage()
    await s.teller.hear(raised(), "t/0/0")
    assert s.ledger.told() == BOTH
    assert s.woken == [True]


async def test_a_repeated_event_changes_nothing() -> None:
    s = stage()
    for _ in range(3):
        await s.teller.hear(raised(), "t/0/0")
    assert s.ledger.told() == BOTH
    assert s.ledger.decisions == ["1 send manager", "1 send manager"]


async def test_a_lower_revision_is_ignored_with_its_reason() -> None:
    s = stage()
    await s.teller.hear(updated(2), "t/0/0")
    await s.teller.hear(raised(1), "t/0/1")
    assert [line[0] for line in s.ledger.told()] == ["2", "2"]
    assert s.ledger.decisions[-1] == "1 suppress lower-revision"


async def test_a_rehearsal_reaches_nobody() -> None:
    s = stage()
    await s.teller.hear(raised(rehearsal=True), "t/0/0")
    assert not s.ledger.told()
    assert s.ledger.decisions == ["1 suppress rehearsal"]
    assert s.woken == []


async def test_every_revision_is_told_in_order() -> None:
    s = stage()
    for event in (raised(1), updated(2), confirmed(3), withdrawn(4), raised(5)):
        await s.teller.hear(event, "t")
    assert [line[0] for line in s.ledger.told()] == list("1122334455")


async def test_an_unknown_account_waits_and_then_the_risk_desk_hears() -> None:
    s = stage(STRANGER)
    await s.teller.hear(raised(), "t")
    assert not s.ledger.told()
    assert not await s.teller.settle_due()

    s.clock.advance(MOMENT + timedelta(seconds=5))
    assert await s.teller.settle_due()
    assert s.ledger.told() == ["1 r001 wecom_app 1", "1 r001 aliyun_sms 1"]
    assert not await s.teller.settle_due()


async def test_a_relation_that_arrives_meanwhile_brings_it_to_the_manager() -> None:
    s = stage(STRANGER)
    await s.teller.hear(raised(), "t")
    s.ledger.people = known()
    s.clock.advance(MOMENT + timedelta(seconds=5))
    await s.teller.settle_due()
    assert s.ledger.told() == BOTH


async def test_updates_do_not_prolong_the_wait() -> None:
    s = stage(STRANGER)
    for second, event in enumerate([raised(1), updated(2), updated(3), updated(4)]):
        s.clock.advance(MOMENT + timedelta(seconds=second))
        await s.teller.hear(event, "t")
    s.clock.advance(MOMENT + timedelta(seconds=5))
    await s.teller.settle_due()
    assert s.ledger.told() == ["4 r001 wecom_app 1", "4 r001 aliyun_sms 1"]
    assert [d for d in s.ledger.decisions if "superseded" in d] == [
        f"{n} suppress superseded" for n in (1, 2, 3)
    ]


async def test_at_night_the_newest_version_waits_for_the_morning() -> None:
    s = stage(now=NIGHT)
    await s.teller.hear(raised(1, **MIDDLE), "t")
    await s.teller.hear(updated(2, **MIDDLE), "t")
    s.clock.advance(MORNING - timedelta(seconds=1))
    assert not await s.teller.settle_due()

    s.clock.advance(MORNING)
    await s.teller.settle_due()
    assert s.ledger.told() == ["2 m001 wecom_app 1"]


async def test_what_is_withdrawn_before_it_was_told_is_never_told() -> None:
    s = stage(now=NIGHT)
    await s.teller.hear(raised(1, **MIDDLE), "t")
    await s.teller.hear(withdrawn(2, **MIDDLE), "t")
    s.clock.advance(MORNING)
    await s.teller.settle_due()
    assert not s.ledger.told()
    assert s.ledger.decisions[-2:] == [
        "1 suppress withdrawn-before-told",
        "2 suppress never-told",
    ]
    assert all(alert.due is None for alert in s.ledger.alerts.values())


async def test_before_the_first_tick_nothing_deferred_is_due() -> None:
    s = stage(now=DAWN)
    await s.teller.hear(raised(1, **MIDDLE), "t")
    assert not await s.teller.settle_due()
    s.clock.advance(MOMENT)
    assert await s.teller.settle_due()
    assert s.ledger.told() == ["1 m001 wecom_app 1"]


async def test_waiting_again_for_the_same_reason_is_written_down_once() -> None:
    s = stage(replace(STRANGER, desk=()))
    await s.teller.hear(raised(), "t")
    for minute in range(1, 5):
        s.clock.advance(MOMENT + timedelta(minutes=2 * minute))
        assert await s.teller.settle_due()
    assert s.ledger.decisions == ["1 defer no-relation", "1 defer nobody-reachable"]


async def test_when_both_channels_reject_the_risk_desk_hears_once() -> None:
    s = stage()
    await s.teller.hear(raised(), "t")
    await s.teller.conclude(s.ledger.claim(0), Rejected("errcode-40003"))
    assert s.ledger.told() == BOTH
    await s.teller.conclude(s.ledger.claim(1), Rejected("code-isv.MOBILE_NUMBER_ILLEGAL"))
    assert s.ledger.told() == [*BOTH, "1 r001 wecom_app 2", "1 r001 aliyun_sms 2"]

    for nth in (2, 3):
        await s.teller.conclude(s.ledger.claim(nth), Rejected("errcode-40003"))
    assert len(s.ledger.told()) == 4
    assert s.ledger.decisions[-1] == "1 suppress undeliverable"


async def test_an_sms_that_may_have_arrived_twice_is_not_sent_a_third_time() -> None:
    s = stage()
    await s.teller.hear(raised(), "t")
    silence = Retry("ReadTimeout", unsure=True)
    await s.teller.conclude(s.ledger.claim(1), silence)
    assert s.ledger.ends == {}
    await s.teller.conclude(s.ledger.claim(1, attempts=2, unsure=1), silence)
    assert list(s.ledger.ends.values()) == ["ambiguous"]


async def test_who_has_lost_the_lease_changes_nothing() -> None:
    s = stage()
    await s.teller.hear(raised(**MIDDLE), "t")
    late = s.ledger.claim(0)
    s.ledger.claim(0)
    await s.teller.conclude(late, Rejected("errcode-40003"))
    assert s.ledger.ends == {}
    assert s.ledger.told() == ["1 m001 wecom_app 1"]


async def test_a_sent_intent_frees_its_lane_for_the_next() -> None:
    s = stage()
    await s.teller.hear(raised(), "t")
    s.woken.clear()
    await s.teller.conclude(s.ledger.claim(0), Sent("m1"))
    assert s.woken == [True]


@pytest.mark.parametrize("times", [1, 2])
async def test_the_body_is_the_same_however_often_it_is_worded(times: int) -> None:
    bodies = set()
    for _ in range(times + 1):
        s = stage()
        await s.teller.hear(raised(), "t")
        bodies.add(tuple(i.body for i in s.ledger.intents.values()))
    assert len(bodies) == 1
