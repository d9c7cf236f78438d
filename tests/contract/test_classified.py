"""What gateways refuse is told apart by its own reason, and what never arrives goes another way."""

from typing import Any

import pytest
from pydantic import SecretStr

from services.notify.domain.channel import Channel, HttpResponse
from services.notify.domain.channels import catalogue
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.decide import Tried, after_failure, decide
from services.notify.domain.decision import Send, Suppress
from services.notify.domain.outcome import Rejected, Retry, TokenRefused
from services.notify.domain.receiver import Receiver
from services.notify.domain.retry import End, Ended, Tally, verdict
from tests.kit.alerts import MANAGER, MOMENT, POLICY, history, known, raised

WECOM = WecomApp(corp_id="ww1", agent_id=1, secret=SecretStr("x"))
SMS = AliyunSms(access_key_id="id", access_key_secret=SecretStr("x"), sign_name="观潮")


def errcode(code: int, **more: Any) -> HttpResponse:
    return HttpResponse(200, {"errcode": code, "errmsg": "x", **more})


def code(text: str) -> HttpResponse:
    return HttpResponse(200, {"Code": text, "Message": "x"})


REFUSALS = [
    (WECOM, errcode(81013), "errcode-81013"),  # all receivers invalid
    (WECOM, errcode(60020), "errcode-60020"),  # our address is not on the list
    (WECOM, errcode(60111), "errcode-60111"),  # unknown member
    (WECOM, errcode(0, invaliduser="m001"), "invaliduser"),
    (SMS, code("isv.SMS_TEMPLATE_ILLEGAL"), "code-isv.SMS_TEMPLATE_ILLEGAL"),
    (SMS, code("isv.MOBILE_NUMBER_ILLEGAL"), "code-isv.MOBILE_NUMBER_ILLEGAL"),
    (SMS, code("isv.BUSINESS_LIMIT_CONTROL"), "code-isv.BUSINESS_LIMIT_CONTROL"),
]


def test_each_has_its_own_reason() -> None:
    reasons = [reason for _, _, reason in REFUSALS]
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize(("channel", "answer", "reason"), REFUSALS)
def test_a_refusal_ends_the_intent_and_the_second_channel_follows(
    channel: Channel, answer: HttpResponse, reason: str
) -> None:
    outcome = channel.outcome(answer)
    assert outcome == Rejected(reason)
    ended = verdict(outcome, channel.resend, Tally(1, 0, MOMENT, MOMENT), POLICY.backoff)
    assert ended == Ended(End.REJECTED, reason)
    first = next(name for name, kind in catalogue().items() if isinstance(channel, kind))
    spare = POLICY.model_copy(
        update={"when_rejected": {raised().data.urgency: ("wecom_app", "aliyun_sms", "mail")}}
    )
    failed = Tried("m001", first, 1, "rejected")
    follows = after_failure(raised(), spare, known(), [failed], failed)
    assert [s.channel for s in follows if isinstance(s, Send)] == [
        name for name in ("wecom_app", "aliyun_sms") if name != first
    ]


@pytest.mark.parametrize("number", [40014, 42001])
def test_an_expired_token_is_fetched_anew_and_nothing_is_given_up(number: int) -> None:
    assert WECOM.outcome(errcode(number)) == TokenRefused(f"errcode-{number}")


def test_too_much_freezes_the_channel_and_is_asked_again() -> None:
    outcome = WECOM.outcome(errcode(45009))
    assert isinstance(outcome, Retry)
    assert outcome.freeze is not None
    assert not outcome.unsure


def test_who_has_no_number_is_named_and_told_by_the_other_channel() -> None:
    mute = Receiver("m001", "manager", "m001")
    around = known()
    told = decide(
        raised(), POLICY, history(type(around)(around.client, {"m001": mute}, ())), MOMENT
    )
    assert [s.channel for s in told if isinstance(s, Send)] == ["wecom_app"]
    assert Suppress("no-mobile", mute, "aliyun_sms") in told
    assert MANAGER.mobile is not None
