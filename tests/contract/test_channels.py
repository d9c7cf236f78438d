"""One suite over every channel of the catalogue; a new channel needs a line in ``SAMPLES``."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from services.notify.adapters.transport import Transport, transport
from services.notify.domain.channel import Channel, HttpRequest, HttpResponse, Notification, Ticket
from services.notify.domain.channels import catalogue
from services.notify.domain.links import Signer
from services.notify.domain.outcome import Rejected, Retry, Sent
from services.notify.domain.policy import Policy
from services.notify.domain.receiver import Client, Receiver
from services.notify.domain.wording import word
from shared.kernel.masking import Email, Phone
from tests.kit.alerts import MOMENT, POLICY, alert, raised

SECRET, TOKEN, MOBILE = "S3CR3T-OF-THE-CHANNEL", "T0KEN-OF-THE-HOUR", "13812345678"
EMAIL = "wang.m001@broker.example"
GROUPS = {"groups": {"manager": {"key": SECRET, "secret": SECRET}}}
SAMPLES: dict[str, dict[str, Any]] = {
    "wecom_app": {"corp_id": "ww1", "agent_id": 1000002, "secret": SECRET},
    "aliyun_sms": {"access_key_id": "key-id", "access_key_secret": SECRET, "sign_name": "观潮"},
    "wecom_robot": GROUPS,
    "dingtalk_robot": GROUPS,
    "feishu_robot": GROUPS,
    "app_push": {"api_url": "https://app.example/push", "secret": SECRET},
    "mail": {"host": "mail.example", "sender": "a@b.example", "password": SECRET},
    "tencent_sms": {
        "secret_id": "key-id",
        "secret_key": SECRET,
        "sdk_app_id": "1400000001",
        "sign_name": "观潮",
        "template_id": "1000001",
        "notice_template_id": "1000002",
    },
    "aliyun_voice": {
        "access_key_id": "key-id",
        "access_key_secret": SECRET,
        "tts_code": "TTS_GC_ALERT",
        "notice_tts_code": "TTS_GC_NOTICE",
    },
}
ACCEPTED: dict[str, dict[str, Any]] = {
    "wecom_app": {"errcode": 0, "errmsg": "ok", "msgid": "m1"},
    "aliyun_sms": {"Code": "OK", "BizId": "900^0", "RequestId": "r", "Message": "OK"},
    "wecom_robot": {"errcode": 0, "errmsg": "ok"},
    "dingtalk_robot": {"errcode": 0, "errmsg": "ok"},
    "feishu_robot": {"code": 0, "msg": "success", "data": {}},
    "app_push": {"taken": True, "id": "1"},
    "tencent_sms": {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "5000:1"}]}},
    "mail": {"reply": 250},
    "aliyun_voice": {"Code": "OK", "CallId": "116^1", "RequestId": "r", "Message": "OK"},
}
LARGEST = {
    "wecom_app": 16 * 1024,
    "aliyun_sms": 16 * 1024,
    "wecom_robot": 4096 + 200,  # 4,096 of markdown, and the envelope
    "dingtalk_robot": 20_000,
    "feishu_robot": 20_480,
    "app_push": 32 * 1024,
    "tencent_sms": 16 * 1024,
    "aliyun_voice": 16 * 1024,
    "mail": 64 * 1024,
}
SIGNED_IN_THE_BODY = {"feishu_robot"}
EVERYBODY_HAS_IT = {"app_push"}
SMS_CHARACTERS = 500
TICKET = Ticket(MOMENT, "nonce-1", SecretStr(TOKEN))
RECEIVER = Receiver(
    "m001", "manager", "m001", Phone(MOBILE), email=Email(EMAIL), robots=frozenset(catalogue())
)
SIGNER = Signer("https://console.example", SecretStr("k" * 16))

every = pytest.mark.parametrize("name", sorted(catalogue()))
over_http = pytest.mark.parametrize("name", sorted(catalogue().keys() - {"mail"}))
"""Mail goes by SMTP: see ``test_mail.py``."""


def channel(name: str, **given: Any) -> Channel:
    made: Channel = catalogue()[name](**(SAMPLES[name] | given))
    return made


def notification(long: bool = False) -> Notification:
    text = "很长的话" * 500
    given = {"facts": {f"{n}{text}": text for n in range(20)}, "message_type": text}
    event = alert("withdrawn", 9, summary=text, action=text, **given) if long else raised()
    links = SIGNER.links(str(event.data.alert_id), RECEIVER.staff_id)
    who = Client("某" * 40 if long else "张**", None)
    return word(event, who, RECEIVER, links, UUID(int=1))


def request(name: str) -> HttpRequest:
    one = channel(name)
    asked = one.request(one.body(notification()), TICKET)
    assert isinstance(asked, HttpRequest)
    return asked


@every
def test_it_has_a_sample_here(name: str) -> None:
    assert SAMPLES.keys() == ACCEPTED.keys() == LARGEST.keys() == catalogue().keys()


@every
def test_the_same_notification_is_the_same_body_whenever_it_is_sent(name: str) -> None:
    one, later = channel(name), replace(TICKET, at=MOMENT + timedelta(days=1), nonce="nonce-2")
    body = one.body(notification())
    assert body == channel(name).body(notification())
    if name not in SIGNED_IN_THE_BODY | {"mail"}:
        first, second = one.request(body, TICKET), one.request(body, later)
        assert isinstance(first, HttpRequest)
        assert isinstance(second, HttpRequest)
        assert first.body == second.body


@every
def test_two_revisions_and_two_alerts_never_look_the_same(name: str) -> None:
    one = channel(name)
    events = [raised(1), alert("updated", 2), raised(1, episode="2026-06-02")]
    links = [SIGNER.links(str(e.data.alert_id), RECEIVER.staff_id) for e in events]
    bodies = {
        one.body(word(e, None, RECEIVER, link, UUID(int=1)))
        for e, link in zip(events, links, strict=True)
    }
    assert len(bodies) == len(events)


@every
def test_the_longest_alert_stays_within_the_gateways_limits(name: str) -> None:
    body = channel(name).body(notification(long=True))
    assert len(body.encode()) <= LARGEST[name]
    if name == "wecom_app":
        card = json.loads(body)["template_card"]
        assert len(card["main_title"]["title"]) <= 26
        assert len(card["main_title"]["desc"]) <= 30
        assert len(card["sub_title_text"]) <= 112
        assert len(card["horizontal_content_list"]) <= 6
        assert all(len(row["keyname"]) <= 6 for row in card["horizontal_content_list"])
        assert all(len(row["value"]) <= 30 for row in card["horizontal_content_list"])
        assert len(card["jump_list"]) <= 3
    if name == "aliyun_sms":
        values = json.loads(httpx.QueryParams(body)["TemplateParam"])
        assert sum(map(len, values.values())) <= SMS_CHARACTERS - len("【观潮】账户，。编号：")


@over_http
def test_it_speaks_tls_to_the_world(name: str) -> None:
    assert request(name).url.startswith("https://")
    with pytest.raises(ValueError, match="https"):
        channel(name, api_url="http://gateway.example")


@over_http
def test_its_host_is_declared(name: str) -> None:
    assert httpx.URL(request(name).url).netloc.decode() in channel(name).hosts()


@over_http
def test_neither_secret_nor_token_nor_number_is_ever_printed(name: str) -> None:
    one, asked = channel(name), request(name)
    printed = f"{one!r} {one} {asked!r} {asked} {notification()!r} {TICKET!r}"
    for hidden in (SECRET, TOKEN, MOBILE, EMAIL, "sig="):
        assert hidden not in printed


@over_http
def test_no_number_and_no_name_stands_in_the_address(name: str) -> None:
    asked = request(name)
    assert MOBILE not in asked.url
    assert "%E5" not in asked.url
    assert not any(MOBILE in value for _, value in asked.headers)


@every
@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
@pytest.mark.parametrize("body", [{}, {"unexpected": True}])
def test_a_gateway_in_trouble_is_asked_again(name: str, status: int, body: dict[str, Any]) -> None:
    assert isinstance(channel(name).outcome(HttpResponse(status, body)), Retry)


@every
@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 413])
def test_a_gateway_that_says_no_is_not(name: str, status: int) -> None:
    assert isinstance(channel(name).outcome(HttpResponse(status)), Rejected)


@every
def test_an_acceptance_is_one(name: str) -> None:
    assert isinstance(channel(name).outcome(HttpResponse(200, ACCEPTED[name])), Sent)


@every
@pytest.mark.parametrize("body", [{}, {"errcode": "zero"}, {"Code": 0}, {"ok": True}])
def test_an_answer_that_says_nothing_is_unsure(name: str, body: dict[str, Any]) -> None:
    outcome = channel(name).outcome(HttpResponse(200, body))
    assert isinstance(outcome, Retry)
    assert outcome.unsure


@every
def test_who_has_no_address_is_named(name: str) -> None:
    lacks = catalogue()[name].lacks
    assert lacks(RECEIVER) is None
    if name in EVERYBODY_HAS_IT:
        assert lacks(RECEIVER.team) == "no-person"
        return
    reason = lacks(Receiver("m001", "manager"))
    assert reason is not None
    assert reason.startswith("no-")


@over_http
def test_a_policy_may_name_it(name: str) -> None:
    policy = POLICY.model_dump(mode="json") | {"when_rejected": {"low": [name]}}
    assert Policy.model_validate(policy).when_rejected


@asynccontextmanager
async def over(name: str, handler: Any) -> AsyncIterator[Transport]:
    """Open a transport whose network is a function."""
    made = transport(channel(name).hosts(), timeout=1.0, slots=2, proxy=None)
    await made.client.aclose()
    client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    try:
        yield replace(made, client=client)
    finally:
        await client.aclose()


def raising(error: type[httpx.TransportError]) -> Any:
    def handler(asked: httpx.Request) -> httpx.Response:
        raise error(f"failed at {asked.url} with {asked.content!r}", request=asked)

    return handler


@over_http
@pytest.mark.parametrize(
    ("error", "unsure"),
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.ReadTimeout, True),
        (httpx.ReadError, True),
        (httpx.WriteError, True),
        (httpx.RemoteProtocolError, True),
    ],
)
async def test_what_goes_wrong_under_way_is_a_value_and_nothing_is_logged(
    name: str,
    error: type[httpx.TransportError],
    unsure: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with over(name, raising(error)) as sender:
            outcome = await sender.send(request(name))
    assert outcome == Retry(error.__name__, unsure=unsure, made=unsure)
    for hidden in (SECRET, TOKEN, MOBILE):
        assert hidden not in caplog.text
        assert hidden not in repr(outcome)


@over_http
async def test_a_good_exchange_logs_no_secret_either(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with over(name, lambda _: httpx.Response(200, json=ACCEPTED[name])) as sender:
            answer = await sender.send(request(name))
    assert isinstance(answer, HttpResponse)
    assert isinstance(channel(name).outcome(answer), Sent)
    for hidden in (SECRET, TOKEN, MOBILE):
        assert hidden not in caplog.text


@over_http
async def test_another_host_is_never_asked(name: str) -> None:
    def handler(asked: httpx.Request) -> httpx.Response:
        raise AssertionError("it was asked")

    async with over(name, handler) as sender:
        elsewhere = replace(request(name), url="https://elsewhere.example/")
        assert await sender.send(elsewhere) == Rejected("host-not-allowed")


@over_http
async def test_a_redirect_is_not_followed(name: str) -> None:
    asked: list[str] = []

    def handler(one: httpx.Request) -> httpx.Response:
        asked.append(str(one.url))
        return httpx.Response(302, headers={"location": "https://elsewhere.example/"})

    async with over(name, handler) as sender:
        answer = await sender.send(request(name))
    assert answer == HttpResponse(302)
    assert len(asked) == 1


@over_http
@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]", b'"x"', b"\xff", b"[" * 100_000])
async def test_an_answer_that_is_no_object_is_read_as_empty(name: str, content: bytes) -> None:
    async with over(name, lambda _: httpx.Response(200, content=content)) as sender:
        assert await sender.send(request(name)) == HttpResponse(200)
