"""The page: who got what, masked and escaped, and nothing lost from the operator's sight."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.entries import Line, Outcome, Verdict
from deploy.sandbox.faults import Fault
from deploy.sandbox.page import Wanted, answer, live
from deploy.sandbox.phones import PHONES
from deploy.sandbox.sandbox import Sandbox, open_sandbox
from shared.clock import DrivenClock
from tests.kit.gateway import card

NOW = datetime(2026, 6, 1, 2, 26, 3, tzinfo=UTC)
SCRIPT = "<script>alert('潮')</script>"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = open_sandbox(tmp_path)
    made.clock = made.wall = DrivenClock(NOW)
    yield made
    made.close()


async def arrived(
    sandbox: Sandbox, *to: str, request: dict[str, Any] | None = None, **facts: Any
) -> None:
    outcome: Outcome = facts.pop("outcome", "delivered")
    verdict = Verdict(
        answer={},
        channel="sms" if to[0].isdigit() else "wecom",
        lines=tuple(Line(one, outcome, facts.get("code", 0)) for one in to),
        request=request if request is not None else card("|".join(to)),
        title=facts.get("title", "大额出金"),
        text=facts.get("text", "全文"),
        parts=facts.get("parts", 0),
        overlong=facts.get("overlong", ()),
    )
    sandbox.journal.write(verdict, sandbox.clock.now(), 0)
    await sandbox.journal.log.sync()


async def test_a_card_shows_everything_it_says(sandbox: Sandbox) -> None:
    await arrived(sandbox, "m001")
    shown = live(sandbox, Wanted())
    for said in ("观潮 · 异动", "大额出金", "王海涛 · 账户***345", "520万", "今日累计", "警戒线"):
        assert said in shown
    for said in ("7BB8F537-1", "查看客户", 'href="http://127.0.0.1:8700/a/1"', "6月1日 10:26:03"):
        assert said in shown


async def test_an_sms_shows_its_text_its_parts_and_no_number(sandbox: Sandbox) -> None:
    await arrived(sandbox, "13812345678", text="【观潮】大额出金", parts=2, request={})
    for view in (Wanted(), Wanted(person="p1"), Wanted(view="operator")):
        shown = live(sandbox, view)
        assert "138****5678" in shown
        assert "13812345678" not in shown
        assert "【观潮】大额出金" in shown
    assert 'class="note warn">8字 · 2条计费' in live(sandbox, Wanted())


async def test_what_a_sender_wrote_is_text_and_never_markup(sandbox: Sandbox) -> None:
    evil = card(
        SCRIPT,
        source={"desc": SCRIPT},
        main_title={"title": SCRIPT, "desc": SCRIPT},
        emphasis_content={"title": SCRIPT, "desc": SCRIPT},
        quote_area={"title": SCRIPT, "quote_text": SCRIPT},
        sub_title_text=SCRIPT,
        horizontal_content_list=[{"keyname": SCRIPT, "value": SCRIPT, "url": SCRIPT}],
        jump_list=[{"title": SCRIPT, "url": "javascript:alert(1)"}],
    )
    await arrived(sandbox, SCRIPT, request=evil, title=SCRIPT, text=SCRIPT, overlong=(SCRIPT,))
    await arrived(sandbox, "13812345678", request={}, title=SCRIPT, text=SCRIPT)
    for kind in ("text", "markdown"):
        body = {"msgtype": kind, kind: {"content": SCRIPT}}
        await arrived(sandbox, "m001", request=body, title=SCRIPT, text=SCRIPT)
    shown = {"title": SCRIPT, "description": SCRIPT, "url": 'http://x"onclick="alert(1)'}
    await arrived(sandbox, "m002", request={"msgtype": "textcard", "textcard": shown})
    await arrived(sandbox, SCRIPT, code=SCRIPT, outcome="rejected", title=SCRIPT, text=SCRIPT)
    views = [Wanted(), Wanted(view="operator"), Wanted(person="p1"), Wanted(person=SCRIPT[:20])]
    for wanted in views:
        drawn = live(sandbox, wanted)
        assert "<script" not in drawn
        assert "javascript:" not in drawn
        assert '"onclick=' not in drawn
    assert "&lt;script&gt;" in live(sandbox, Wanted())


async def test_only_what_reached_a_person_is_on_a_phone(sandbox: Sandbox) -> None:
    await arrived(sandbox, "m001")
    for outcome in ("duplicate", "dropped", "rejected", "faulted"):
        await arrived(sandbox, "m001", outcome=outcome, title=f"没看到{outcome}")
    assert live(sandbox, Wanted()).count('class="msg"') == 1
    operator = live(sandbox, Wanted(view="operator"))
    for name in ("送达", "重复", "丢弃", "拒绝", "故障"):
        assert f'">{name}</span>' in operator
    assert operator.count("<tr data-n") == 5
    only = live(sandbox, Wanted(view="operator", outcome="dropped"))
    assert only.count("<tr data-n") == 1
    assert "没看到dropped" in only


async def test_the_newest_message_is_on_top(sandbox: Sandbox) -> None:
    for code in ("A-1", "A-2", "A-3"):
        await arrived(sandbox, "m001", request=card(code=code))
    assert re.findall(r"A-\d", live(sandbox, Wanted(person="p1"))) == ["A-3", "A-2", "A-1"]


async def test_older_messages_are_a_page_away(sandbox: Sandbox) -> None:
    for n in range(1, 61):
        await arrived(sandbox, "m001", request=card(code=f"N-{n:02}"))
    first = live(sandbox, Wanted(person="p1"))
    assert re.findall(r"N-\d\d", first) == [f"N-{n:02}" for n in range(60, 10, -1)]
    assert "更早的 10 条" in first
    assert "person=p1&amp;before=11" in first
    rest = live(sandbox, Wanted(person="p1", before=11))
    assert re.findall(r"N-\d\d", rest) == [f"N-{n:02}" for n in range(10, 0, -1)]
    table = live(sandbox, Wanted(view="operator"))
    assert table.count("<tr data-n") == 50
    assert "before=11" in table


async def test_many_people_are_a_note_and_not_many_phones(sandbox: Sandbox) -> None:
    await arrived(sandbox, *(f"m{n:03}" for n in range(PHONES + 3)))
    await arrived(sandbox, "13812345678", request={})
    shown = live(sandbox, Wanted())
    assert shown.count("<section") == PHONES
    assert f"这里只画出 {PHONES} 部手机" in shown
    assert 'class="phone sms"' in shown


async def test_a_phone_says_what_it_may_cut(sandbox: Sandbox) -> None:
    await arrived(sandbox, "m001", overlong=("sub_title_text",))
    assert "超出建议长度，手机可能截断：正文" in live(sandbox, Wanted())


def test_an_empty_gateway_says_where_to_send(sandbox: Sandbox) -> None:
    shown = live(sandbox, Wanted())
    assert "还没有消息" in shown
    assert "/cgi-bin/message/send" in shown


def test_a_person_who_is_nobody_is_said(sandbox: Sandbox) -> None:
    assert "没有这个人" in live(sandbox, Wanted(person="p9"))


def test_faults_in_force_are_seen_without_their_receivers(sandbox: Sandbox) -> None:
    match = {"to": "13812345678"}
    sandbox.faults.add([Fault.model_validate({"fault": "close", "times": 3, "match": match})])
    shown = live(sandbox, Wanted(view="operator"))
    assert "close ×3" in shown
    assert "13812345678" not in shown


async def test_a_browser_that_has_it_is_not_sent_it_again(sandbox: Sandbox) -> None:
    first = answer(sandbox, Wanted(fragment=True), "")
    tag = first.headers["etag"]
    assert answer(sandbox, Wanted(fragment=True), tag).status_code == 304
    await arrived(sandbox, "m001")
    assert answer(sandbox, Wanted(fragment=True), tag).status_code == 200


def test_the_page_needs_nothing_from_elsewhere(sandbox: Sandbox) -> None:
    response = answer(sandbox, Wanted(), "")
    shown = bytes(response.body).decode()
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", shown)
    assert "@import" not in shown
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert shown.count(f'nonce="{nonce[1]}"') == 2
    assert " style=" not in shown
