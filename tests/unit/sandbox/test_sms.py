"""阿里云短信: what it takes, what it refuses, and that a double send shows."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from deploy.sandbox.entries import Call, Entry, Verdict
from deploy.sandbox.limits import PUBLISHED, Rate
from deploy.sandbox.sandbox import SMS_KEYS
from deploy.sandbox.sms import Sms
from deploy.sandbox.templates import approved
from tests.kit.gateway import SMS_VALUES, signed, sms_form

WALL = datetime(2026, 6, 1, 1, 30, tzinfo=UTC)


class Desk:
    """A gateway without its HTTP and its disk: judges, and remembers what it judged."""

    def __init__(self, limit: int = 50) -> None:
        limits = replace(PUBLISHED, sms=(Rate(limit, 86_400),))
        self.sms = Sms(SMS_KEYS, approved(), limits)
        self.count = 0

    def send(
        self,
        form: dict[str, str] | None = None,
        now: float = 0,
        headers: dict[str, str] | None = None,
    ) -> Verdict:
        body = urlencode(sms_form() | (form or {})).encode()
        verdict = self.sms.judge(
            Call(
                method="POST",
                path="/",
                query=(),
                headers=headers or signed(body, at=WALL),
                body=body,
                now=now,
                wall=WALL.timestamp(),
                number=self.count + 1,
            )
        )
        for line in verdict.lines:
            self.count += 1
            entry = Entry(
                n=self.count,
                at="",
                wall=WALL.timestamp(),
                channel="sms",
                to=line.to,
                outcome=line.outcome,
                code=line.code,
                title=verdict.title,
                text=verdict.text,
                request=verdict.request,
                call=self.count,
                nonce=verdict.nonce,
            )
            self.sms.remember(entry, now)
        return verdict


def test_an_accepted_message_has_a_receipt_and_the_text_of_its_template() -> None:
    verdict = Desk().send()
    assert (verdict.status, verdict.answer["Code"]) == (200, "OK")
    assert verdict.answer["BizId"] == "900000000000000001^0"
    assert (verdict.title, verdict.parts) == ("大额出金", 1)
    assert verdict.text == (
        "【观潮】大额出金：王海涛尾号345，今日累计出金520万，达到警戒线500万。"
        "请致电客户。7BB8F537-1"
    )


def values(**changes: object) -> str:
    return json.dumps(SMS_VALUES | changes, ensure_ascii=False)


@pytest.mark.parametrize(
    ("form", "code", "status"),
    [
        ({"PhoneNumbers": "12345"}, "isv.MOBILE_NUMBER_ILLEGAL", 200),
        ({"PhoneNumbers": "23812345678"}, "isv.MOBILE_NUMBER_ILLEGAL", 200),
        ({"PhoneNumbers": "13812345678,x"}, "isv.MOBILE_NUMBER_ILLEGAL", 200),
        ({"PhoneNumbers": "１３８12345678"}, "isv.MOBILE_NUMBER_ILLEGAL", 200),
        ({"PhoneNumbers": ""}, "MissingPhoneNumbers", 400),
        ({"SignName": "别家"}, "isv.SMS_SIGNATURE_ILLEGAL", 200),
        ({"SignName": ""}, "MissingSignName", 400),
        ({"TemplateCode": "SMS_1"}, "isv.SMS_TEMPLATE_ILLEGAL", 200),
        ({"TemplateParam": "{}"}, "isv.TEMPLATE_MISSING_PARAMETERS", 200),
        ({"TemplateParam": "{"}, "isv.INVALID_JSON_PARAM", 200),
        ({"TemplateParam": "[]"}, "isv.INVALID_JSON_PARAM", 200),
        ({"TemplateParam": values(code=7)}, "isv.INVALID_JSON_PARAM", 200),
        ({"TemplateParam": values(summary="长" * 500)}, "isv.PARAM_LENGTH_LIMIT", 200),
        (
            {"PhoneNumbers": ",".join(str(13_800_000_000 + n) for n in range(1001))},
            "isv.MOBILE_COUNT_OVER_LIMIT",
            200,
        ),
    ],
)
def test_it_refuses_with_aliyuns_code(form: dict[str, str], code: str, status: int) -> None:
    verdict = Desk().send(form)
    assert (verdict.answer["Code"], verdict.status) == (code, status)
    assert {line.outcome for line in verdict.lines} == {"rejected"}


@pytest.mark.parametrize(
    "named", ["13812345678", "+8613812345678", "8613812345678", "008613812345678"]
)
def test_a_number_is_the_same_with_its_countrys_prefix(named: str) -> None:
    assert [line.to for line in Desk().send({"PhoneNumbers": named}).lines] == ["13812345678"]


def test_there_is_no_duplicate_check() -> None:
    desk = Desk()
    assert [desk.send().lines[0].outcome for _ in range(2)] == ["delivered", "delivered"]


def test_the_same_signed_request_again_is_a_replay() -> None:
    desk = Desk()
    headers = signed(urlencode(sms_form()).encode(), at=WALL)
    assert desk.send(headers=headers).answer["Code"] == "OK"
    assert desk.send(headers=headers).answer["Code"] == "SignatureNonceUsed"


def test_a_refused_request_uses_up_its_nonce_and_a_forged_one_does_not() -> None:
    desk = Desk()
    forged = signed(urlencode(sms_form()).encode(), at=WALL, key=("sandbox-key-id", "guessed"))
    assert desk.send(headers=forged).nonce == ""
    assert desk.send({"SignName": "别家"}).nonce != ""


def test_a_number_hears_one_template_so_often_in_twenty_four_hours() -> None:
    desk = Desk(limit=2)
    codes = [desk.send(now=now).answer["Code"] for now in (0, 3600, 7200, 86_399, 86_400)]
    assert codes == ["OK", "OK", *["isv.BUSINESS_LIMIT_CONTROL"] * 2, "OK"]
    assert desk.send({"PhoneNumbers": "13900000000"}, 86_401).answer["Code"] == "OK"


def test_fifty_is_the_published_limit() -> None:
    desk = Desk()
    codes = [desk.send().answer["Code"] for _ in range(51)]
    assert codes == ["OK"] * 50 + ["isv.BUSINESS_LIMIT_CONTROL"]


def test_one_exhausted_number_refuses_the_whole_request() -> None:
    desk = Desk(limit=1)
    desk.send()
    verdict = desk.send({"PhoneNumbers": "13900000000,13812345678"})
    assert [line.outcome for line in verdict.lines] == ["rejected", "rejected"]


@pytest.mark.parametrize(
    ("header", "value", "code", "status"),
    [
        ("x-acs-action", "QuerySms", "InvalidAction.NotFound", 404),
        ("x-acs-version", "2016-01-01", "InvalidVersion", 400),
    ],
)
def test_only_send_sms_of_2017_is_served(header: str, value: str, code: str, status: int) -> None:
    headers = signed(urlencode(sms_form()).encode(), at=WALL, changes={header: value})
    verdict = Desk().send(headers=headers)
    assert (verdict.answer["Code"], verdict.status) == (code, status)


def test_a_variable_may_hold_what_looks_like_another_variable() -> None:
    text = Desk().send({"TemplateParam": values(client="${code}")}).text
    assert "：${code}尾号" in text


def test_parts_are_counted_with_the_signature() -> None:
    base = len(Desk().send().text)
    assert Desk().send({"TemplateParam": values(action="请" * (70 - base + 6))}).parts == 1
    assert Desk().send({"TemplateParam": values(action="请" * (71 - base + 6))}).parts == 2
