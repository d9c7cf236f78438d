"""What gateways refuse is told apart by its own reason, and what never arrives goes another way."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from prometheus_client import REGISTRY
from pydantic import SecretStr

from services.notify.domain.channel import Channel, HttpResponse
from services.notify.domain.channels import catalogue
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.decide import Tried, after_failure, decide
from services.notify.domain.decision import Send, Suppress
from services.notify.domain.ledger import Claimed
from services.notify.domain.outcome import Rejected, Retry, TokenRefused
from services.notify.domain.reasons import sentence
from services.notify.domain.receiver import Receiver
from services.notify.domain.retry import Again, End, Ended, Tally, in_a_word, verdict
from services.notify.judging import count
from tests.contract.test_channels import channel
from tests.kit.alerts import MANAGER, MOMENT, POLICY, history, known, raised

ALERTING = Path(__file__).parents[2] / "deploy" / "prometheus" / "alerts.yaml"
RULES = {
    rule["alert"]: rule["expr"]
    for group in yaml.safe_load(ALERTING.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
}
WECOM = WecomApp(corp_id="ww1", agent_id=1, secret=SecretStr("x"))
SMS = AliyunSms(access_key_id="id", access_key_secret=SecretStr("x"), sign_name="观潮")
TENCENT, VOICE, PUSH, MAIL, WECOM_ROBOT, DINGTALK, FEISHU = (
    channel(name)
    for name in (
        "tencent_sms",
        "aliyun_voice",
        "app_push",
        "mail",
        "wecom_robot",
        "dingtalk_robot",
        "feishu_robot",
    )
)


def errcode(code: int, **more: Any) -> HttpResponse:
    return HttpResponse(200, {"errcode": code, "errmsg": "x", **more})


def code(text: str) -> HttpResponse:
    return HttpResponse(200, {"Code": text, "Message": "x"})


def tencent(text: str) -> HttpResponse:
    return HttpResponse(200, {"Response": {"SendStatusSet": [{"Code": text, "Message": "x"}]}})


REFUSALS = [
    (WECOM, errcode(81013), "errcode-81013"),  # all receivers invalid
    (WECOM, errcode(40003), "errcode-40003"),  # no such user id
    (WECOM, errcode(0, unlicenseduser="m001"), "unlicenseduser"),
    (WECOM, errcode(60020), "errcode-60020"),  # our address is not on the list
    (WECOM, errcode(60111), "errcode-60111"),  # unknown member
    (WECOM, errcode(0, invaliduser="m001"), "invaliduser"),
    (SMS, code("isv.SMS_TEMPLATE_ILLEGAL"), "code-isv.SMS_TEMPLATE_ILLEGAL"),
    (SMS, code("isv.MOBILE_NUMBER_ILLEGAL"), "code-isv.MOBILE_NUMBER_ILLEGAL"),
    (SMS, code("isv.BUSINESS_LIMIT_CONTROL"), "code-isv.BUSINESS_LIMIT_CONTROL"),
    (VOICE, code("isv.TTS_TEMPLATE_ILLEGAL"), "code-isv.TTS_TEMPLATE_ILLEGAL"),
    (
        TENCENT,  # wrong template
        tencent("FailedOperation.TemplateIncorrectOrUnapproved"),
        "code-FailedOperation.TemplateIncorrectOrUnapp",
    ),
    (
        TENCENT,  # empty or wrong phone
        tencent("InvalidParameterValue.IncorrectPhoneNumber"),
        "code-InvalidParameterValue.IncorrectPhoneNumb",
    ),
    (WECOM_ROBOT, errcode(93000), "errcode-93000"),  # no such group
    (DINGTALK, errcode(310000), "errcode-310000"),  # wrong signature
    (FEISHU, HttpResponse(200, {"code": 19021}), "code-19021"),  # wrong signature
    (PUSH, HttpResponse(200, {"taken": False}), "not-taken"),  # no app on any phone of theirs
    (MAIL, HttpResponse(200, {"reply": 550}), "smtp-550"),  # no such mailbox
]


def test_each_has_its_own_reason_and_every_channel_has_one() -> None:
    reasons = [reason for _, _, reason in REFUSALS]
    assert len(set(reasons)) == len(reasons)
    assert {type(refusing) for refusing, _, _ in REFUSALS} == set(catalogue().values())


@pytest.mark.parametrize("reason", [reason for _, _, reason in REFUSALS])
def test_each_is_seen_in_words_in_the_metrics_and_by_operations(reason: str) -> None:
    assert sentence(reason) is not None
    labels = {"channel": "wecom_app", "outcome": "rejected", "reason": reason}
    before = REGISTRY.get_sample_value("notify_deliveries_total", labels) or 0
    count(stood(), Ended(End.REJECTED, reason), 0.1)
    assert REGISTRY.get_sample_value("notify_deliveries_total", labels) == before + 1
    assert 'notify_deliveries_total{outcome="rejected"}' in RULES["NotifyRefused"]


@pytest.mark.parametrize(
    "outcome", [WECOM.outcome(errcode(45009)), Retry("token-errcode-40001", made=False)]
)
def test_a_channel_that_is_shut_wakes_operations_since_nothing_ends(outcome: Retry) -> None:
    """45009 blocks for a minute, an hour or a day; without a token nothing leaves."""
    again = verdict(outcome, WECOM.resend, Tally(1, 0, MOMENT, MOMENT), POLICY.backoff)
    assert isinstance(again, Again)
    assert in_a_word(again) in ("retry", "unmade")
    assert sentence(again.reason) is not None
    assert 'outcome!="sent"' in RULES["NotifyChannelShut"]


def stood() -> Claimed:
    return Claimed(
        intent_id=UUID(int=1),
        alert_id=UUID(int=2),
        revision=1,
        step=1,
        broker="demo",
        account="1",
        channel="wecom_app",
        receiver="m001",
        urgency=raised().data.urgency,
        body="",
        attempts=1,
        unsure=0,
        first_at=MOMENT,
        lease=UUID(int=3),
    )


@pytest.mark.parametrize(("refusing", "answer", "reason"), REFUSALS)
def test_a_refusal_ends_the_intent_and_the_second_channel_follows(
    refusing: Channel, answer: HttpResponse, reason: str
) -> None:
    outcome = refusing.outcome(answer)
    assert outcome == Rejected(reason)
    ended = verdict(outcome, refusing.resend, Tally(1, 0, MOMENT, MOMENT), POLICY.backoff)
    assert ended == Ended(End.REJECTED, reason)
    first = next(name for name, kind in catalogue().items() if isinstance(refusing, kind))
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
