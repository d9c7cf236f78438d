"""提醒页 — what a manager sees behind a card's link."""

import re
from datetime import timedelta
from uuid import uuid4

from services.notify.domain.answer import Answer, Answered, Contacted, HandedOver, Snoozed
from services.notify.domain.later import offered
from services.notify.domain.view import Told, View
from services.notify.page import HEADERS, STYLE_HASH, Posts, refusal, render
from shared.contracts.alerts import AlertEvent
from shared.kernel.trading_day import china
from tests.kit.alerts import MOMENT, raised, updated

POSTS = Posts(todo=f"/alerts/a1/todo?to=m001&sig={'5' * 64}", answer="/alerts/a1/answer?sig=6")


def page(*events: AlertEvent, **given: object) -> str:
    usual = {
        "revisions": [(event, "told") for event in events],
        "deliveries": [Told(1, "wecom_app", "m001", "sent", MOMENT)],
        "client": "张**",
        "is_todo": False,
    }
    return render(View(**(usual | given)), POSTS, offered(MOMENT, china()))  # type: ignore[arg-type]  # a builder


def test_it_tells_the_whole_story() -> None:
    html = page(raised(), updated(summary="今日累计出金1000万元，达到警戒线500万元"))
    for said in (
        "<h1>大额出金（更新）</h1>",
        "张** · 账户***345",
        "今日累计出金1000万元，达到警戒线500万元",
        "今日累计出金500万元，达到警戒线500万元",
        "请立即联系客户。",
        "<dt>本笔金额</dt><dd>5,000,000.00元</dd>",
        "7BB8F537-2",
        "第1版 · 企业微信 → m001 · 已送出<small>06-01 10:31:05</small>",
        "加入待办",
        "拨打电话",
        "暂无客户电话",
    ):
        assert said in html


def test_everything_is_escaped() -> None:
    evil = '"><script>alert(1)</script>'
    html = page(
        raised(
            summary=evil, action=evil, message_type=evil, facts={evil: evil}, account="80012345"
        ),
        client=evil,
        deliveries=[Told(1, "wecom_app", "m001", "pending", None)],
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 7


def test_the_to_do_button_posts_to_a_signed_address_once() -> None:
    html = page(raised())
    assert re.search(
        r'<form method="post" action="/alerts/a1/todo'
        r'\?to=m001&amp;sig=5{64}"><button>加入待办</button>',
        html,
    )
    assert "<button disabled>已加入待办</button>" in page(raised(), is_todo=True)


def test_an_unknown_client_and_no_deliveries_are_said() -> None:
    html = page(raised(), client=None, deliveries=[])
    assert "未知客户 · 账户***345" in html
    assert "<li>暂无</li>" in html


def test_no_account_number_and_no_script_is_on_it() -> None:
    html = page(raised())
    assert "80012345" not in html
    assert "<script" not in html
    assert f"style-src 'sha256-{STYLE_HASH}'" in HEADERS["content-security-policy"]
    assert "<script" not in refusal("<script>", "<script>")


def test_the_page_of_a_silent_feed_speaks_of_no_client() -> None:
    html = page(raised(account="feed", message_type="数据中断"), client=None)
    assert "<p>全部客户</p>" in html
    assert "加入待办" in html
    for never in ("账户", "未知客户", "拨打电话"):
        assert never not in html


def answered(answer: Answer) -> Answered:
    return Answered(uuid4(), raised().data.alert_id, 1, "m001", answer, "page", MOMENT)


def test_the_answers_are_on_it_and_the_forms_to_give_one() -> None:
    html = page(raised())
    assert html.count('<form method="post" action="/alerts/a1/answer?sig=6"') == 3
    assert '<input type="hidden" name="once" value="0">' in html
    for kind, word in (("contacted", "已联系"), ("false-alarm", "误报"), ("snoozed", "稍后")):
        assert f'<button name="kind" value="{kind}">{word}</button>' in html
    for choice in (
        '"10m">10 分钟（06-01 10:41）',
        '"30m" selected>30 分钟（06-01 11:01）',
        '"close">今天收盘前（06-01 14:45）',
        '"open">下一交易日开盘（06-02 09:00）',
    ):
        assert f"<option value={choice}</option>" in html
    later = Snoozed(MOMENT + timedelta(hours=1), "<客户>开会")
    html = page(raised(), answers=[answered(later), answered(HandedOver("m002"))])
    assert "m001 · 稍后 到 06-01 11:31 · &lt;客户&gt;开会" in html
    assert "m001 · 转交 → m002" in html
    assert 'name="once" value="2"' in html


def test_once_it_is_over_there_is_nothing_to_press() -> None:
    html = page(raised(), answers=[answered(Contacted())])
    assert "m001 · 已联系<small>06-01 10:31:05</small>" in html
    assert html.count("disabled>") == 4
