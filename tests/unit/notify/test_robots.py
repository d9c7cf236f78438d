"""群机器人 and App 推送: their signatures, and what their answers mean."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from services.notify.domain.channel import Channel, HttpResponse, Ticket
from services.notify.domain.channels import app_push, dingtalk_robot, feishu_robot
from services.notify.domain.channels.app_push import AppPush
from services.notify.domain.channels.dingtalk_robot import DingtalkRobot
from services.notify.domain.channels.feishu_robot import FeishuRobot
from services.notify.domain.channels.wecom_robot import WecomRobot
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent
from services.notify.domain.receiver import Receiver
from services.notify.domain.robot import TEXT_BYTES, Group, paragraphs
from tests.unit.notify.test_wecom_forms import SAID

AT = datetime(2026, 6, 1, 1, 31, 5, tzinfo=UTC)
SECONDS = 1780277465
BY_OPENSSL = {
    "dingtalk": "STPoiDpwq+hWtnZvzENySZ00ppzHQ2HPBOfZSKvwt1M=",
    "feishu": "u3C1bqd0RQD4W9GJxrWLyzzWr1ujgyntktrNdpctpxg=",
}
"""Made with ``openssl dgst -sha256 -hmac``, independently of the code."""
TICKET = Ticket(AT, "nonce")
GROUPS = {"risk": Group(key=SecretStr("the-key/"), secret=SecretStr("the-secret"))}
WECOM = WecomRobot(groups=GROUPS)
DINGTALK = DingtalkRobot(groups=GROUPS)
FEISHU = FeishuRobot(groups=GROUPS)
PUSH = AppPush(api_url="https://app.example/push", secret=SecretStr("sixteen letters!"))
TO_RISK = replace(SAID, receiver=Receiver("r001", "risk"))
MINUTE, TEN = timedelta(minutes=1), timedelta(minutes=10)


def errcode(code: int) -> HttpResponse:
    return HttpResponse(200, {"errcode": code, "errmsg": "x"})


def code(number: int, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"code": number, "msg": "x"})


@pytest.mark.parametrize(
    ("channel", "answer", "outcome"),
    [
        (WECOM, errcode(0), Sent()),
        (WECOM, errcode(-1), Retry("errcode--1")),
        (WECOM, errcode(45009), Retry("errcode-45009", freeze=MINUTE)),
        (WECOM, errcode(93000), Rejected("errcode-93000")),
        (DINGTALK, errcode(0), Sent()),
        (DINGTALK, errcode(130101), Retry("errcode-130101", freeze=TEN)),
        (DINGTALK, errcode(660026), Retry("errcode-660026", freeze=TEN)),
        (DINGTALK, errcode(310000), Rejected("errcode-310000")),
        (FEISHU, code(0), Sent()),
        (FEISHU, code(11232), Retry("code-11232", freeze=MINUTE)),
        (FEISHU, code(19021), Rejected("code-19021")),
        (FEISHU, code(9499, 400), Rejected("code-9499")),
        (FEISHU, code(0, 502), Retry("http-502", unsure=True)),
        (PUSH, HttpResponse(200, {"taken": True, "id": "7"}), Sent("7")),
        (PUSH, HttpResponse(200, {"taken": False}), Rejected("not-taken")),
        (PUSH, HttpResponse(401, {"taken": False}), Rejected("http-401")),
    ],
)
def test_what_an_answer_means(channel: Channel, answer: HttpResponse, outcome: Outcome) -> None:
    assert channel.outcome(answer) == outcome


def test_dingtalk_signs_time_and_secret_with_the_secret_in_the_address() -> None:
    url = urlsplit(DINGTALK.request(DINGTALK.body(TO_RISK), TICKET).url)
    assert url.path == "/robot/send"
    assert parse_qs(url.query) == {
        "access_token": ["the-key/"],
        "timestamp": [f"{SECONDS}000"],
        "sign": [dingtalk_robot.sign(SECONDS * 1000, "the-secret")],
    }
    assert dingtalk_robot.sign(SECONDS * 1000, "the-secret") == BY_OPENSSL["dingtalk"]


def test_feishu_signs_nothing_with_time_and_secret_in_the_body() -> None:
    asked = FEISHU.request(FEISHU.body(TO_RISK), TICKET)
    said = json.loads(asked.body)
    assert urlsplit(asked.url).path == "/open-apis/bot/v2/hook/the-key%2F"
    assert (said["timestamp"], said["sign"]) == (str(SECONDS), BY_OPENSSL["feishu"])
    assert feishu_robot.sign(SECONDS, "the-secret") == said["sign"]


def test_a_push_is_signed_over_time_and_body() -> None:
    body = PUSH.body(TO_RISK)
    headers = dict(PUSH.request(body, TICKET).headers)
    assert headers["x-guanchao-timestamp"] == str(SECONDS)
    signature = app_push.sign(str(SECONDS), body, "sixteen letters!")
    assert headers["x-guanchao-signature"] == f"sha256={signature}"
    event = json.loads(body)
    assert (event["id"], event["data"]["receiver"]) == (str(SAID.intent_id), "r001")


@pytest.mark.parametrize("channel", [WECOM, DINGTALK, FEISHU])
def test_a_robot_speaks_in_the_group_of_the_role(channel: Any) -> None:
    body = channel.body(TO_RISK)
    assert json.loads(body)["role"] == "risk"
    assert "the-key" not in body
    assert "the-secret" not in body
    assert "the-key" in channel.request(body, TICKET).url


@pytest.mark.parametrize("channel", [WECOM, DINGTALK, FEISHU])
def test_a_group_that_has_left_the_settings_has_an_empty_key(channel: Any) -> None:
    body = channel.body(replace(SAID, receiver=Receiver("m001", "manager")))
    assert "the-key" not in channel.request(body, TICKET).url


def test_the_longest_keeps_code_and_link_and_stays_within_the_limit() -> None:
    long = replace(SAID, summary="很长的话" * 1000, facts=(("名", "值" * 500),) * 9)
    text = paragraphs(long)
    assert len(text.encode()) <= TEXT_BYTES
    assert text.endswith(f"编号 {SAID.code}\n[查看详情]({SAID.links.view})")
