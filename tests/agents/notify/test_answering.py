"""答复 taken over a ledger of dicts and lists."""

from datetime import timedelta

import pytest

from services.notify.answering import Answering, Given
from services.notify.domain.answer import Answer, Contacted, HandedOver, Snoozed
from services.notify.domain.outcome import Rejected, Retry, Sent
from services.notify.domain.preference import Preference
from shared.contracts.deliveries import DeliveryEnd
from shared.contracts.replies import Reply
from tests.kit.alerts import DESK, MANAGER, MOMENT, known, member, raised
from tests.kit.memory_ledger import Stage, stage

ALERT = raised().data.alert_id
HEIR = member("m002")


async def told(*events: object) -> tuple[Stage, Answering]:
    one = stage(known(MANAGER, HEIR, member("m003", wecom_userid=None, mobile=None)))
    for event in events or (raised(),):
        await one.teller.hear(event, "t/0/0")  # type: ignore[arg-type]
    return one, Answering(one.ledger, one.teller, one.clock)


def given(answer: Answer, once: str = "0", by: str = "m001") -> Given:
    return Given(ALERT, by, answer, once, "page")


async def test_an_answer_is_kept_and_told_once() -> None:
    one, answering = await told()
    assert await answering.take(given(Contacted())) == "taken"
    assert await answering.take(given(Contacted())) == "repeated"
    assert [a.answer for a in one.ledger.answers] == [Contacted()]
    ((topic, event),) = one.ledger.outbox
    assert topic == "notify.reply.v1"
    assert isinstance(event.data, Reply)
    assert (event.data.by, event.data.kind, event.data.via) == ("m001", "contacted", "page")
    assert len(one.ledger.intents) == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Snoozed(MOMENT - timedelta(minutes=1)), "not-a-later"),
        (HandedOver("m001"), "to-oneself"),
        (HandedOver("m999"), "unknown-person"),
        (HandedOver("m003"), "unknown-person"),
    ],
)
async def test_what_cannot_be_taken_leaves_nothing(answer: Answer, why: str) -> None:
    one, answering = await told()
    assert await answering.take(given(answer)) == why
    assert (one.ledger.answers, one.ledger.outbox) == ([], [])


async def test_an_unknown_alert_has_no_answers() -> None:
    one = stage()
    answering = Answering(one.ledger, one.teller, one.clock)
    assert await answering.take(given(Contacted())) == "unknown-alert"
    assert not one.ledger.answers


async def test_handed_over_the_heir_is_told_at_once_and_once() -> None:
    one, answering = await told()
    for _ in range(2):
        await answering.take(given(HandedOver("m002")))
    assert one.ledger.told() == [
        "1 m001 wecom_app 1",
        "1 m001 aliyun_sms 1",
        "1 m002 wecom_app 3",
        "1 m002 aliyun_sms 3",
    ]
    assert one.ledger.decisions[-2:] == ["1 send handed-over"] * 2
    await answering.take(given(HandedOver(DESK.staff_id), by="m002"))
    assert one.ledger.told()[-1] == "1 r001 aliyun_sms 4"


async def test_the_heir_hears_as_the_heir_prefers() -> None:
    wish = Preference(("aliyun_sms",), MOMENT - timedelta(days=1))
    one = stage(known(MANAGER, member("m002", preferences=(wish,))))
    await one.teller.hear(raised(urgency="middle"), "t/0/0")
    await Answering(one.ledger, one.teller, one.clock).take(given(HandedOver("m002")))
    assert one.ledger.told() == ["1 m001 wecom_app 1", "1 m002 aliyun_sms 3"]


async def test_an_intents_end_is_told_and_a_repeat_is_not() -> None:
    one, _ = await told()
    await one.teller.conclude(one.ledger.claim(0), Sent("msg-1"))
    await one.teller.conclude(one.ledger.claim(1), Retry("http-503"))
    await one.teller.conclude(one.ledger.claim(1), Rejected("code-isv.X"))
    ends = [event.data for topic, event in one.ledger.outbox if topic == "notify.delivery.v1"]
    assert all(isinstance(end, DeliveryEnd) for end in ends)
    assert [(e.channel, e.receiver, e.end, e.reason, e.message_id) for e in ends] == [
        ("wecom_app", "m001", "sent", "ok", "msg-1"),
        ("aliyun_sms", "m001", "rejected", "code-isv.X", ""),
    ]
    lost = one.ledger.claim(0)
    one.ledger.leases.clear()
    await one.teller.conclude(lost, Sent())
    assert len(one.ledger.outbox) == 2
