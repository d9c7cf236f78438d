"""腾讯云短信 and 阿里云语音: their signatures, answers and receipts."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from services.notify.domain.channel import (
    HttpResponse,
    Receipt,
    ReceiptChannel,
    Ticket,
    WrongReceipt,
)
from services.notify.domain.channels.aliyun_voice import AliyunVoice
from services.notify.domain.channels.tencent_sms import TencentSms, authorization
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent
from services.notify.domain.receiver import Receiver
from shared.kernel.masking import Phone
from tests.unit.notify.test_wecom_forms import SAID

AT = datetime(2026, 6, 1, 2, 31, 5, tzinfo=UTC)
TICKET = Ticket(AT, "nonce")
TENCENT = TencentSms(
    secret_id="key-id",
    secret_key=SecretStr("key-secret"),
    sdk_app_id="1400000001",
    sign_name="观潮",
    template_id="1000001",
    notice_template_id="1000002",
)
VOICE = AliyunVoice(
    access_key_id="key-id",
    access_key_secret=SecretStr("key-secret"),
    tts_code="TTS_GC_ALERT",
    notice_tts_code="TTS_GC_NOTICE",
)
TOLD = replace(SAID, receiver=Receiver("m001", "manager", None, Phone("13812345678")))


def number(code: str, serial: str = "") -> HttpResponse:
    status = {"Code": code, "SerialNo": serial, "PhoneNumber": "+8613812345678"}
    return HttpResponse(200, {"Response": {"SendStatusSet": [status], "RequestId": "r"}})


def error(code: str) -> HttpResponse:
    return HttpResponse(200, {"Response": {"Error": {"Code": code, "Message": "x"}}})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (number("Ok", "5000:1"), Sent("5000:1")),
        (number("LimitExceeded.PhoneNumberDailyLimit"), Rejected),
        (number("InvalidParameterValue.IncorrectPhoneNumber"), Rejected),
        (number("LimitExceeded.PhoneNumberThirtySecondLimit"), Retry),
        (number("FailedOperation.TemplateIncorrectOrUnapproved"), Rejected),
        (error("AuthFailure.SignatureFailure"), Rejected("code-AuthFailure.SignatureFailure")),
        (error("RequestLimitExceeded"), Retry("code-RequestLimitExceeded")),
        (error("InternalError.Timeout"), Retry("code-InternalError.Timeout", unsure=True)),
        (HttpResponse(200, {"Response": {"SendStatusSet": []}}), Retry("http-200", unsure=True)),
        (HttpResponse(502), Retry("http-502", unsure=True)),
    ],
)
def test_what_tencents_answer_means(answer: HttpResponse, outcome: Outcome | type[Outcome]) -> None:
    found = TENCENT.outcome(answer)
    assert found == outcome if not isinstance(outcome, type) else isinstance(found, outcome)


def test_tc3_is_signed_as_tencent_publishes_it() -> None:
    """The worked example of the provider's own page on TC3, for another of its services."""
    headers = {
        "content-type": "application/json; charset=utf-8",
        "host": "cvm.tencentcloudapi.com",
        "x-tc-action": "DescribeInstances",
    }
    body = (
        b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    )
    at = datetime.fromtimestamp(1551113065, UTC)
    keys = ("AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******", "Gu5t9xGARNpq86cd98joQYCN3*******")
    signed = authorization("cvm", headers, body, at, (keys[0], SecretStr(keys[1])))
    assert signed.endswith("=be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3")
    assert "Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******/2019-02-25/cvm/tc3_request" in signed


def test_tencent_fills_the_template_in_its_order() -> None:
    asked = json.loads(TENCENT.body(TOLD))
    assert asked["PhoneNumberSet"] == ["+8613812345678"]
    assert asked["TemplateParamSet"] == [
        "大额出金（更新）",
        "张**",
        "345",
        SAID.summary,
        SAID.action,
        SAID.code,
    ]
    notice = json.loads(TENCENT.body(replace(TOLD, account="")))
    assert (notice["TemplateId"], len(notice["TemplateParamSet"])) == ("1000002", 4)


def test_a_call_reads_the_template_twice() -> None:
    asked = {name: values[0] for name, values in parse_qs(VOICE.body(TOLD)).items()}
    assert (asked["CalledNumber"], asked["TtsCode"]) == ("13812345678", "TTS_GC_ALERT")
    assert (asked["PlayTimes"], len(asked["OutId"])) == ("2", 15)
    assert json.loads(asked["TtsParam"])["account"] == "345"
    headers = dict(VOICE.request(VOICE.body(TOLD), TICKET).headers)
    assert headers["x-acs-action"] == "SingleCallByTts"


def test_a_call_that_may_have_rung_is_never_repeated() -> None:
    assert VOICE.resend.unsure == 0


SMS_STATUS = {
    "user_receive_time": "2026-06-01 10:31:07",
    "nationcode": "86",
    "mobile": "13812345678",
    "report_status": "SUCCESS",
    "errmsg": "DELIVRD",
    "description": "用户短信送达成功",
    "sid": "5000:1",
}
VOICE_REPORT = {
    "call_id": "116^1",
    "start_time": "2026-06-01 10:31:00",
    "end_time": "2026-06-01 10:31:07",
    "duration": "7",
    "status_code": "200000",
    "out_id": "x",
}
ARRIVED = datetime(2026, 6, 1, 2, 31, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "report", "expected"),
    [
        (TENCENT, SMS_STATUS, Receipt("5000:1", True, "receipt-DELIVRD", ARRIVED)),
        (
            TENCENT,
            SMS_STATUS | {"report_status": "FAIL", "errmsg": "UNDELIV 13812345678"},
            Receipt("5000:1", False, "receipt-UNDELIV-", ARRIVED),
        ),
        (VOICE, VOICE_REPORT, Receipt("116^1", True, "receipt-200000", ARRIVED)),
        (
            VOICE,
            VOICE_REPORT | {"status_code": "200005"},
            Receipt("116^1", False, "receipt-200005", ARRIVED),
        ),
    ],
)
def test_what_a_receipt_says(
    channel: ReceiptChannel, report: dict[str, Any], expected: Receipt
) -> None:
    assert channel.receipts(json.dumps([report]).encode()) == [expected]


@pytest.mark.parametrize("channel", [TENCENT, VOICE])
@pytest.mark.parametrize("payload", [b"", b"{}", b"[{}]", b'["13812345678"]'])
def test_a_receipt_that_cannot_be_read_is_named_without_its_content(
    channel: ReceiptChannel, payload: bytes
) -> None:
    with pytest.raises(WrongReceipt) as caught:
        channel.receipts(payload)
    assert "138" not in str(caught.value)


def test_what_the_providers_expect_for_a_receipt() -> None:
    assert (VOICE.taken["code"], TENCENT.taken["result"]) == (0, 0)
