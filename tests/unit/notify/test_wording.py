"""措辞 — what a message looks like, to the character."""

import json
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from pydantic import SecretStr

from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.links import Signer
from services.notify.domain.receiver import Client
from services.notify.domain.wording import word
from shared.contracts.alerts import AlertEvent
from tests.kit.alerts import MANAGER, alert, raised

WECOM = WecomApp(corp_id="ww1", agent_id=1000002, secret=SecretStr("s" * 20))
SMS = AliyunSms(access_key_id="id", access_key_secret=SecretStr("s" * 20), sign_name="观潮")
SIGNER = Signer("https://console.example/", SecretStr("k" * 16))
INTENT = UUID(int=1)
ZHANG = Client("张**", "m001")


def card(event: AlertEvent, client: Client | None = ZHANG) -> dict[str, Any]:
    links = SIGNER.links(str(event.data.alert_id), MANAGER.staff_id)
    body = json.loads(WECOM.body(word(event, client, MANAGER, links, INTENT)))
    shown: dict[str, Any] = body["template_card"]
    return shown


def sms(event: AlertEvent, client: Client | None = ZHANG) -> dict[str, str]:
    links = SIGNER.links(str(event.data.alert_id), MANAGER.staff_id)
    form = parse_qs(SMS.body(word(event, client, MANAGER, links, INTENT)), strict_parsing=True)
    assert form.keys() == {"OutId", "PhoneNumbers", "SignName", "TemplateCode", "TemplateParam"}
    values: dict[str, str] = json.loads(form["TemplateParam"][0])
    return values


def test_the_card_of_a_large_withdrawal() -> None:
    shown = card(raised())
    page = shown["card_action"]["url"]
    assert page.startswith(
        "https://console.example/alerts/7bb8f537-2aae-5c25-ac73-4da7190814c0?to=m001&sig="
    )
    assert shown == {
        "card_type": "text_notice",
        "source": {"desc": "观潮 · 异动"},
        "main_title": {"title": "大额出金", "desc": "张** · 账户***345"},
        "emphasis_content": {"title": "500万元", "desc": "今日累计"},
        "sub_title_text": "今日累计出金500万元，达到警戒线500万元。请立即联系客户。",
        "horizontal_content_list": [
            {"keyname": "本笔金额", "value": "5,000,000.00元"},
            {"keyname": "警戒线", "value": "500万元"},
            {"keyname": "日初权益", "value": "10,000,000.00元"},
            {"keyname": "编号", "value": "7BB8F537-1"},
        ],
        "jump_list": [
            {"type": 1, "title": "查看客户", "url": page},
            {"type": 1, "title": "加入待办", "url": f"{page}#todo"},
            {"type": 1, "title": "拨打电话", "url": f"{page}#call"},
        ],
        "card_action": {"type": 1, "url": page},
    }


def test_the_text_of_a_large_withdrawal() -> None:
    assert sms(raised()) == {
        "title": "大额出金",
        "client": "张**",
        "account": "345",
        "summary": "今日累计出金500万元，达到警戒线500万元",
        "action": "请立即联系客户。",
        "code": "7BB8F537-1",
    }


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("raised", "大额出金"),
        ("updated", "大额出金（更新）"),
        ("confirmed", "大额出金（了结）"),
        ("amended", "大额出金（更正）"),
        ("withdrawn", "大额出金（撤回）"),
    ],
)
def test_the_mark_says_what_became_of_it(kind: str, title: str) -> None:
    event = alert(kind, 3)
    assert card(event)["main_title"]["title"] == title
    assert sms(event)["title"] == title
    assert sms(event)["code"] == "7BB8F537-3"


def test_an_unknown_client_is_said_to_be_one() -> None:
    assert card(raised(), None)["main_title"]["desc"] == "未知客户 · 账户***345"
    assert sms(raised(), None)["client"] == "未知客户"


FEED = raised(
    account="feed",
    module="公告",
    rule="feed_silence",
    message_type="数据中断",
    summary="数据源stream已5分钟没有数据",
    facts={"数据源": "stream", "最后收到": "2026-06-01 14:52:00"},
    action="请检查柜台连接和采集服务，期间提醒可能延迟。",
)


def test_a_silent_feed_is_nobodys_client() -> None:
    shown = card(FEED, None)
    assert shown["main_title"] == {"title": "数据中断", "desc": "全部客户"}
    assert [jump["title"] for jump in shown["jump_list"]] == ["查看详情", "加入待办"]
    assert sms(FEED, None).keys() == {"title", "summary", "action", "code"}
    assert template(FEED) == "SMS_GC_NOTICE"
    assert template(raised()) == "SMS_GC_ALERT"


def template(event: AlertEvent) -> str:
    links = SIGNER.links(str(event.data.alert_id), MANAGER.staff_id)
    form = parse_qs(SMS.body(word(event, None, MANAGER, links, INTENT)))
    return form["TemplateCode"][0]


def test_what_is_too_long_is_cut_and_says_so() -> None:
    long = "很长" * 200
    event = alert(
        "withdrawn",
        7,
        message_type=long,
        summary=long,
        facts={f"名称{n}特别长的一个": long for n in range(9)},
    )
    shown = card(event, Client("某" * 40, None))
    assert len(shown["main_title"]["title"]) == 26
    assert shown["main_title"]["title"].endswith("…（撤回）")
    assert len(shown["main_title"]["desc"]) == 30
    assert shown["main_title"]["desc"].endswith("… · 账户***345")
    assert len(shown["sub_title_text"]) == 112
    assert shown["sub_title_text"].endswith("…")
    rows = shown["horizontal_content_list"]
    assert [len(row["keyname"]) for row in rows] == [6, 6, 6, 6, 6, 2]
    assert rows[-1] == {"keyname": "编号", "value": "7BB8F537-7"}
    assert len(sms(event)["summary"]) == 150


def test_an_alert_without_facts_has_no_figure() -> None:
    shown = card(raised(facts={}))
    assert "emphasis_content" not in shown
    assert shown["horizontal_content_list"] == [{"keyname": "编号", "value": "7BB8F537-1"}]
