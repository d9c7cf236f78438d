"""答复 — what may be said to an alert, and what it comes to."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.notify.domain.answer import (
    Answer,
    Answered,
    Contacted,
    FalseAlarm,
    HandedOver,
    Postponed,
    Said,
    Snoozed,
    answer_id,
    asked,
    is_over,
    reply,
    settled,
    unfit,
)
from services.notify.domain.later import Later
from shared.kernel.trading_day import china
from tests.kit.alerts import MOMENT, raised

HOUR = timedelta(hours=1)
ALERT = raised().data


def answered(answer: Answer) -> Answered:
    return Answered(uuid4(), ALERT.alert_id, 1, "m001", answer, "page", MOMENT)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"kind": "contacted"}, Contacted()),
        ({"kind": "false-alarm"}, FalseAlarm()),
        ({"kind": "snoozed"}, Postponed(Later.HALF_HOUR)),
        ({"kind": "snoozed", "later": "1h"}, Postponed(Later.HOUR)),
        (
            {"kind": "snoozed", "later": "close", "reason": " 客户开会，回电13812345678 "},
            Postponed(Later.CLOSE, "客户开会，回电…"),
        ),
        ({"kind": "snoozed", "later": "-5"}, None),
        ({"kind": "snoozed", "later": ""}, None),
        ({"kind": "handed-over", "to": "m002"}, HandedOver("m002")),
        ({"kind": "handed-over", "to": "m 002"}, None),
        ({"kind": "handed-over"}, None),
        ({"kind": "shouted"}, None),
        ({}, None),
    ],
)
def test_a_form_asks_for_one_answer_or_for_none(
    fields: dict[str, str], answer: Said | None
) -> None:
    assert asked(fields) == answer


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Contacted(), None),
        (Snoozed(MOMENT + HOUR), None),
        (Snoozed(MOMENT), "not-a-later"),
        (Snoozed(MOMENT + timedelta(days=7)), None),
        (Snoozed(MOMENT + timedelta(days=7, seconds=1)), "not-a-later"),
        (HandedOver("m002"), None),
        (HandedOver("m001"), "to-oneself"),
    ],
)
def test_what_cannot_be_is_named(answer: Answer, why: str | None) -> None:
    assert unfit(answer, "m001", MOMENT, china()) == why


def test_what_is_said_is_settled_when_it_is_taken() -> None:
    said = Postponed(Later.CLOSE, "开会")
    assert settled(said, MOMENT, china()) == Snoozed(
        MOMENT.replace(hour=14, minute=45, second=0), "开会"
    )
    assert settled(said, MOMENT + 5 * HOUR, china()) is None
    assert settled(Contacted(), MOMENT, china()) == Contacted()


@pytest.mark.parametrize(
    ("answers", "over"),
    [
        ([], False),
        ([Contacted()], True),
        ([FalseAlarm()], True),
        ([Snoozed(MOMENT + HOUR)], False),
        ([Contacted(), HandedOver("m002")], False),
        ([HandedOver("m002"), Contacted()], True),
    ],
)
def test_the_last_answer_holds(answers: list[Answer], over: bool) -> None:
    assert is_over([answered(a) for a in answers]) is over


def test_a_repeat_is_the_same_answer_and_nothing_else_is() -> None:
    one = answer_id(ALERT.alert_id, "m001", "0")
    assert one == answer_id(ALERT.alert_id, "m001", "0")
    others = [
        answer_id(ALERT.alert_id, "m001", "1"),
        answer_id(ALERT.alert_id, "m002", "0"),
        answer_id(uuid4(), "m001", "0"),
    ]
    assert len({one, *others}) == 4


def test_what_is_told_holds_no_words_of_the_reason() -> None:
    told = reply(answered(Snoozed(MOMENT + HOUR, "王总在开会")), ALERT)
    assert (told.data.kind, told.data.until, told.data.to) == ("snoozed", MOMENT + HOUR, None)
    assert told.subject == "demo:80012345"
    assert "王总" not in told.encode().decode()
    assert reply(answered(HandedOver("m002")), ALERT).data.to == "m002"
