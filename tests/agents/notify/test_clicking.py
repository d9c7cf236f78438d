"""点击 taken over a ledger of dicts and lists: the answer, and what its card then says."""

import json
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from services.notify.answering import Answering
from services.notify.clicking import Clicking
from services.notify.domain.outcome import Rejected, Retry
from shared.contracts.callbacks import CardClicked, Click, clicked
from shared.contracts.deliveries import DeliveryEnd
from tests.kit.alerts import MOMENT, raised
from tests.kit.memory_ledger import Stage, stage

ALERT = raised().data.alert_id


def tapped(key: str, userid: str = "m001", code: str = "rc", choice: str = "") -> CardClicked:
    given = {"userid": userid, "key": key, "response_code": code, "choice": choice, "at": MOMENT}
    return clicked(Click(intent_id=UUID(int=7), **given))


async def told() -> tuple[Stage, Clicking]:
    one = stage()
    await one.teller.hear(raised(), "t/0/0")

    async def whose(click: Click) -> Sequence[tuple[UUID, str]]:
        return [(ALERT, "m001")] if click.userid == "m001" else []

    return one, Clicking(whose, Answering(one.ledger, one.teller, one.clock), one.clock)


@pytest.mark.parametrize(
    ("key", "word"), [("contacted", "已联系"), ("false-alarm", "误报"), ("snoozed", "稍后到11:01")]
)
async def test_a_tap_is_one_answer_and_the_card_says_so_once(key: str, word: str) -> None:
    one, clicking = await told()
    for _ in range(3):
        await clicking.take(tapped(key))
    assert [(a.by, a.via) for a in one.ledger.answers] == [("m001", "card")]
    *_, changed = one.ledger.intents.values()
    assert one.ledger.told()[2:] == ["1 m001 wecom_app -1"]
    assert one.ledger.decisions[-1] == "1 send answer-shown"
    body = json.loads(changed.body)
    assert (body["response_code"], body["userids"]) == ("rc", ["m001"])
    assert body["button"] == {"replace_name": f"{word}（已记下）"}


@pytest.mark.parametrize(
    ("choice", "at", "word"),
    [
        ("10m", "10:31", "稍后到10:41"),
        ("close", "10:31", "稍后到14:45"),
        ("close", "15:10", "稍后到15:40"),  # the close is over: as long as by default
        ("open", "10:31", "稍后到06-02 09:00"),
        ("never", "10:31", "稍后到11:01"),
    ],
)
async def test_until_when_is_chosen_on_the_card_and_stands_there(
    choice: str, at: str, word: str
) -> None:
    one, clicking = await told()
    one.clock.advance(MOMENT.replace(hour=int(at[:2]), minute=int(at[3:])))
    await clicking.take(tapped("snoozed", choice=choice))
    *_, changed = one.ledger.intents.values()
    assert json.loads(changed.body)["button"] == {"replace_name": f"{word}（已记下）"}
    assert one.ledger.reminders


async def test_a_card_of_several_alerts_answers_each_and_changes_once() -> None:
    one, clicking = await told()
    other = raised(episode="2026-06-02")
    await one.teller.hear(other, "t/0/1")

    async def whose(click: Click) -> Sequence[tuple[UUID, str]]:
        return [(ALERT, "m001"), (other.data.alert_id, "m001")]

    both = replace(clicking, whose=whose)
    for _ in range(2):
        await both.take(tapped("contacted"))
    assert [a.alert_id for a in one.ledger.answers] == [ALERT, other.data.alert_id]
    assert one.ledger.told()[4:] == ["1 m001 wecom_app -1"]


async def test_each_answer_changes_its_card_by_its_own_code() -> None:
    one, clicking = await told()
    await clicking.take(tapped("snoozed", code="rc1"))
    await clicking.take(tapped("contacted", code="rc2"))
    assert one.ledger.told()[2:] == ["1 m001 wecom_app -1", "1 m001 wecom_app -2"]


@pytest.mark.parametrize(
    "event", [tapped("contacted", userid="m002"), tapped("handed-over"), tapped("shouted")]
)
async def test_a_strangers_tap_or_one_that_needs_the_page_is_no_answer(event: CardClicked) -> None:
    one, clicking = await told()
    await clicking.take(event)
    assert (one.ledger.answers, len(one.ledger.intents)) == ([], 2)


async def test_without_a_code_the_answer_holds_and_the_card_stays() -> None:
    one, clicking = await told()
    await clicking.take(tapped("contacted", code=""))
    assert (len(one.ledger.answers), len(one.ledger.intents)) == (1, 2)


async def test_a_card_that_cannot_be_changed_is_followed_by_nothing() -> None:
    one, clicking = await told()
    await clicking.take(tapped("contacted"))
    before = list(one.ledger.intents)
    await one.teller.conclude(one.ledger.claim(2), Rejected("errcode-40058"))
    assert one.ledger.ends[before[2]] == "rejected"
    assert (list(one.ledger.intents), len(one.ledger.answers)) == (before, 1)
    assert not [e for _, e in one.ledger.outbox if isinstance(e.data, DeliveryEnd)]


async def test_a_code_refused_after_an_attempt_nobody_saw_the_end_of_may_have_worked() -> None:
    one, clicking = await told()
    await clicking.take(tapped("contacted"))
    changed = list(one.ledger.intents)[2]
    await one.teller.conclude(one.ledger.claim(2), Retry("ReadTimeout", unsure=True))
    assert changed not in one.ledger.ends
    await one.teller.conclude(one.ledger.claim(2, unsure=1), Rejected("errcode-40058"))
    assert one.ledger.ends[changed] == "ambiguous"
