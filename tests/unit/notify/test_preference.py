"""偏好: a person's channels, within the policy."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.notify.domain.channels import catalogue
from services.notify.domain.decide import Tried, after_failure, decide
from services.notify.domain.decision import Send, Suppress
from services.notify.domain.policy import Policy
from services.notify.domain.preference import Preference
from services.notify.domain.reasons import in_words
from services.notify.domain.receiver import Receiver
from shared.kernel.masking import Email
from tests.kit.alerts import MOMENT, POLICY, history, known, member, raised

DAY = timedelta(days=1)
BY_MAIL = Preference(("mail",), MOMENT - DAY)


def person(*preferences: Preference, **given: Any) -> Receiver:
    return member("m001", email=Email("wang@broker.example"), preferences=preferences, **given)


def told(who: Receiver, urgency: str, policy: Policy = POLICY, now: datetime = MOMENT) -> list[str]:
    decided = decide(raised(urgency=urgency), policy, history(known(who)), now)
    return [
        f"{'send' if isinstance(d, Send) else 'not'} {d.channel} {d.reason}"
        for d in decided
        if isinstance(d, Send | Suppress)
    ]


USUAL = ["send wecom_app manager"]
INSTEAD = ["send mail preferred-manager", "not wecom_app preferred-otherwise"]


@pytest.mark.parametrize("urgency", ["middle", "low"])
def test_the_preferred_channel_is_used_in_place_of_the_usual_one(urgency: str) -> None:
    assert told(person(BY_MAIL), urgency) == INSTEAD


def test_of_what_is_urgent_only_the_order_is_a_persons() -> None:
    texting = Preference(("mail", "aliyun_sms"), MOMENT - DAY)
    assert told(person(texting), "high") == [
        "send aliyun_sms preferred-manager",
        "send wecom_app preferred-manager",
    ]
    assert told(person(BY_MAIL), "high") == ["send wecom_app manager", "send aliyun_sms manager"]


def test_a_later_step_goes_as_each_prefers() -> None:
    other = member("m002")
    ways = POLICY.ways(raised(urgency="middle"), MOMENT)
    sends = ways.sends((person(BY_MAIL), other), "escalated-team-lead", 2)
    assert [(s.receiver.staff_id, s.channel, s.reason, s.step) for s in sends] == [
        ("m001", "mail", "escalated-team-lead", 2),
        ("m002", "wecom_app", "escalated-team-lead", 2),
    ]


@pytest.mark.parametrize(
    "wish",
    [
        Preference(("mail",), MOMENT + DAY),
        Preference(("mail",), MOMENT - DAY, MOMENT),
        Preference(("wecom_app", "mail"), MOMENT - DAY),
        Preference(("feishu_robot",), MOMENT - DAY),
    ],
    ids=["not yet", "over", "the usual one", "no choice of the policy"],
)
def test_what_does_not_hold_or_changes_nothing_is_not_named(wish: Preference) -> None:
    assert told(person(wish), "middle") == USUAL


def test_the_newest_that_holds_counts() -> None:
    older, over = BY_MAIL, Preference(("aliyun_sms",), MOMENT - DAY, MOMENT)
    assert told(person(over, older), "middle") == INSTEAD


def test_who_lacks_the_preferred_channel_hears_by_the_usual_one() -> None:
    assert told(member("m001", preferences=(BY_MAIL,)), "middle") == USUAL


def test_who_lacks_the_usual_channel_is_reached_by_the_preferred_one() -> None:
    assert told(person(BY_MAIL, wecom_userid=None), "middle") == INSTEAD


def test_a_channel_without_settings_cannot_be_preferred() -> None:
    here = POLICY.model_copy(update={"configured": frozenset({"wecom_app", "aliyun_sms"})})
    assert told(person(BY_MAIL), "middle", here) == USUAL


def test_what_the_preferred_channel_rejects_goes_by_the_usual_one() -> None:
    failed = Tried("m001", "mail", 1, "rejected")
    event, directory = raised(urgency="middle"), known(person(BY_MAIL))
    (send,) = after_failure(event, POLICY, directory, [failed], failed)
    assert isinstance(send, Send)
    assert (send.channel, send.reason) == ("wecom_app", "rejected-elsewhere")


def test_a_policy_cannot_let_anybody_choose_among_urgent_channels() -> None:
    with pytest.raises(ValidationError, match="no channel is left out"):
        Policy.model_validate(POLICY.model_dump() | {"choice": {"high": ["mail"]}})
    with pytest.raises(ValidationError, match="carrier_pigeon"):
        Policy.model_validate(POLICY.model_dump() | {"choice": {"low": ["carrier_pigeon"]}})


def test_the_reason_is_said_in_words() -> None:
    assert in_words("preferred-manager").startswith("按收件人的偏好：收件人是客户的经理")


@given(st.lists(st.sampled_from(sorted(catalogue())), unique=True))
def test_no_preference_ever_drops_an_urgent_channel(wish: list[str]) -> None:
    who = person(Preference(tuple(wish), MOMENT - DAY))
    sends = [line.split()[1] for line in told(who, "high") if line.startswith("send")]
    assert tuple(sends) in set(permutations(POLICY.channels_of(raised())))


@given(
    st.lists(st.sampled_from(sorted(catalogue())), unique=True),
    st.sampled_from(["middle", "low"]),
)
def test_no_preference_ever_silences_anybody(wish: list[str], urgency: str) -> None:
    who = person(Preference(tuple(wish), MOMENT - DAY))
    assert sum(line.startswith("send") for line in told(who, urgency)) == 1
