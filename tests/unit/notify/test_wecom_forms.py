import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from pydantic import SecretStr

from services.notify.domain.channel import Links, Notification, Ticket
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.outcome import Sent
from services.notify.domain.receiver import Receiver
from services.notify.domain.wecom_forms import BYTES, FORMS, Form
from tests.kit.alerts import MOMENT
from tests.unit.notify.test_wecom_app import said

SAID = Notification(
    intent_id=UUID(int=7),
    receiver=Receiver("m001", "manager", "m001"),
    source="观潮 · 异动",
    title="大额出金",
    mark="（更新）",
    client="张**",
    account="***345",
    facts=(("今日累计", "520万"), ("警戒线", "500万")),
    summary="今日累计出金520万，达到警戒线500万",
    action="请致电客户",
    code="7BB8F537-2",
    links=Links(
        "https://c.example/a?sig=1", "https://c.example/a#todo", "https://c.example/a#call"
    ),
)


def wecom(form: Form) -> WecomApp:
    return WecomApp(corp_id="ww1", agent_id=1000002, secret=SecretStr("s"), form=form)


def body(form: Form, notification: Notification = SAID) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(wecom(form).body(notification))
    return made


def test_text_says_all_of_it_in_lines() -> None:
    assert body("text")["text"]["content"].splitlines() == [
        "大额出金（更新）",
        "张＊＊ · 账户＊＊＊345",
        "今日累计：520万",
        "警戒线：500万",
        "今日累计出金520万，达到警戒线500万。请致电客户",
        "编号 7BB8F537-2",
        '<a href="https://c.example/a?sig=1">查看详情</a>',
    ]


def test_markdown_has_a_bold_title_and_quoted_facts() -> None:
    lines = body("markdown")["markdown"]["content"].splitlines()
    assert lines[0] == "**大额出金（更新）**"
    assert lines[2] == ">今日累计：520万"
    assert lines[-1] == "[查看详情](https://c.example/a?sig=1)"


def test_the_buttons_are_the_answers_under_the_intents_id() -> None:
    card = body("buttons")["template_card"]
    assert card["card_type"] == "button_interaction"
    assert card["task_id"] == str(SAID.intent_id)
    *taps, opens = card["button_list"]
    assert [(b["text"], b["type"], b["key"]) for b in taps] == [
        ("已联系", 0, "contacted"),
        ("误报", 0, "false-alarm"),
        ("稍后", 0, "snoozed"),
    ]
    assert (opens["text"], opens["type"], opens["url"]) == ("转交", 1, f"{SAID.links.view}#answer")
    shown = {row["keyname"]: row["value"] for row in card["horizontal_content_list"]}
    assert shown == {"今日累计": "520万", "警戒线": "500万", "编号": "7BB8F537-2"}
    assert "jump_list" not in card
    choice = card["button_selection"]
    assert (choice["title"], choice["selected_id"]) == ("稍后", "30m")
    assert [one["id"] for one in choice["option_list"]] == [
        "10m",
        "30m",
        "1h",
        "2h",
        "close",
        "open",
    ]


def test_a_digest_of_several_clients_has_no_buttons() -> None:
    page = "https://c.example/digests/1"
    card = body("buttons", replace(SAID, account="", links=Links(page, page, page)))
    card = card["template_card"]
    assert card["card_type"] == "text_notice"
    assert [jump["title"] for jump in card["jump_list"]] == ["查看全部"]


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_the_longest_keeps_its_code_and_its_link(form: Form) -> None:
    long = replace(SAID, summary="很长的话" * 1000, facts=(("名", "值" * 500),) * 9)
    content = body(form, long)[form]["content"]
    assert BYTES - 3 <= len(content.encode()) <= BYTES
    assert "…" in content
    assert SAID.code in content
    assert SAID.links.view in content


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_name_is_never_a_link_or_a_mark(form: Form) -> None:
    sly = replace(SAID, client='<a href="//x">[x](//x)**', account="")
    content = body(form, sly)[form]["content"]
    assert '<a href="//x"' not in content
    assert "[x]" not in content


def test_every_form_is_checked_for_duplicates() -> None:
    for form in FORMS:
        made = body(form)
        assert (made["touser"], made["enable_duplicate_check"]) == ("m001", 1)
        assert len({json.dumps(body(f), sort_keys=True) for f in FORMS}) == len(FORMS)


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (wecom("text").body(SAID), "/cgi-bin/message/send"),
        (wecom("text").recall("m1"), "/cgi-bin/message/recall"),
        (wecom("text").update("code-1", "m001", "已联系"), "/cgi-bin/message/update_template_card"),
    ],
)
def test_a_body_names_its_call(made: str, path: str) -> None:
    request = wecom("text").request(made, Ticket(MOMENT, "n", SecretStr("t/")))
    assert urlsplit(request.url)[2:4] == (path, "access_token=t%2F")
    assert request.body == made.encode()


def test_an_update_is_for_one_member_and_replaces_the_buttons() -> None:
    assert json.loads(wecom("buttons").update("code-1", "m001", "已联系")) == {
        "userids": ["m001"],
        "agentid": 1000002,
        "response_code": "code-1",
        "button": {"replace_name": "已联系"},
    }


def test_the_answer_gives_what_changes_the_card() -> None:
    outcome = wecom("buttons").outcome(said(0, msgid="m1", response_code="code-1"))
    assert outcome == Sent("m1", "code-1")
    assert "code-1" not in repr(outcome)
