"""企业微信: what it takes, what it refuses and with which code, and what it hides."""

import json
from dataclasses import replace
from typing import Any

import pytest

from deploy.sandbox.entries import Call, Entry, Verdict
from deploy.sandbox.limits import PUBLISHED, Rate
from deploy.sandbox.sandbox import APP
from deploy.sandbox.tokens import Tokens
from deploy.sandbox.wecom import WeCom
from tests.kit.gateway import CORP, card

LINK = "http://127.0.0.1/x"
FIRST = "a"


class Desk:
    """A gateway without its HTTP and its disk: judges, and remembers what it judged."""

    def __init__(self, **changes: Any) -> None:
        self.wecom = WeCom(Tokens(APP, iter("abcdefgh").__next__), **changes)
        self.entries: list[Entry] = []

    def token(self, now: float = 0, query: dict[str, str] = CORP) -> dict[str, object]:
        call = Call(
            method="GET",
            path="/cgi-bin/gettoken",
            query=tuple(query.items()),
            headers={},
            body=b"",
            now=now,
        )
        answer, written = self.wecom.tokens.judge(call)
        self.wecom.tokens.remember(written)
        return answer

    def send(self, body: Any, now: float = 0, token: str | None = FIRST) -> Verdict:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if token == FIRST and FIRST not in self.wecom.tokens.expires:
            self.token()
        verdict = self.wecom.judge(
            Call(
                method="POST",
                path="/cgi-bin/message/send",
                query=(("access_token", token),) if token is not None else (),
                headers={},
                body=raw,
                now=now,
                number=len(self.entries) + 1,
            )
        )
        self._write(verdict, now)
        return verdict

    def _write(self, verdict: Verdict, now: float) -> None:
        call = len(self.entries) + 1
        for line in verdict.lines:
            entry = Entry(
                n=len(self.entries) + 1,
                at="",
                wall=0.0,
                channel="wecom",
                to=line.to,
                outcome=line.outcome,
                code=line.code,
                title=verdict.title,
                text=verdict.text,
                request=verdict.request,
                call=call,
                digest=verdict.digest,
            )
            self.entries.append(entry)
            self.wecom.remember(entry, now)

    def outcome(self, body: Any, now: float = 0) -> list[str]:
        return [line.outcome for line in self.send(body, now).lines]


def text(content: Any = "你好", to: str = "m001", **more: Any) -> dict[str, Any]:
    return {
        "touser": to,
        "msgtype": "text",
        "agentid": 1_000_002,
        "text": {"content": content},
    } | more


def textcard(**changes: Any) -> dict[str, Any]:
    shown = {"title": "标题", "description": "说明", "url": LINK} | changes
    return text(msgtype="textcard", textcard=shown)


def asking(**choice: Any) -> dict[str, Any]:
    """A card with a button and a list to choose from."""
    usual = {"question_key": "later", "option_list": [{"id": "30m", "text": "30 分钟"}]}
    return card(
        card_type="button_interaction",
        task_id="t1",
        button_list=[{"text": "稍后", "key": "snoozed"}],
        button_selection=usual | choice,
    )


@pytest.mark.parametrize(
    "body",
    [
        card(),
        card(task_id="alert-7BB8F537@1"),
        card(card_action={"type": 2, "appid": "wx1"}),
        card(main_title={}, jump_list=[], horizontal_content_list=[]),
        text(),
        text("a" * 2048),
        text(agentid="1000002"),
        text(msgtype="markdown", markdown={"content": "**强平**"}),
        textcard(),
    ],
)
def test_it_takes_what_the_platform_takes(body: dict[str, Any]) -> None:
    desk = Desk()
    verdict = desk.send(body)
    assert verdict.answer == {"errcode": 0, "errmsg": "ok", "msgid": "sandbox000000000001"}
    assert [(line.to, line.outcome, line.code) for line in verdict.lines] == [
        ("m001", "delivered", 0)
    ]


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        (b"{", 47001, "data format"),
        (b"[]", 47001, "data format"),
        (b"\xff\xfe", 47001, "data format"),
        (b"[" * 100_000, 47001, "data format"),
        (asking(question_key=""), 40058, "question_key"),
        (asking(option_list=[]), 40058, "option_list"),
        (asking(option_list=[{"id": "30m"}]), 40058, "option_list[0]"),
        (
            asking(option_list=[{"id": f"{n}", "text": "x"} for n in range(11)]),
            40058,
            "option_list",
        ),
        (text(agentid=7), 40056, "agentid"),
        (text(agentid=None), 41011, "agentid"),
        (text(msgtype="video"), 40008, "message type"),
        (text(msgtype=None), 40008, "message type"),
        (text(""), 44004, "text.content"),
        (text("  \n"), 44004, "text.content"),
        (text("潮" * 683), 45002, "text.content"),
        (text(msgtype="markdown", markdown={"content": "a" * 2049}), 45002, "markdown.content"),
        (text(5), 40058, "text.content"),
        (text(text=None), 40058, "text"),
        (textcard(title=""), 44004, "textcard.title"),
        (textcard(url="weixin://x"), 40058, "textcard.url"),
        (card(card_type="news_notice"), 40058, "card_type"),
        (card(main_title={}, sub_title_text=""), 40058, "main_title.title"),
        (card(card_action=None), 40058, "card_action"),
        (card(card_action={"type": 0}), 40058, "card_action.type"),
        (card(card_action={"type": 1}), 40058, "card_action.url"),
        (card(card_action={"type": 1, "url": "javascript:alert(1)"}), 40058, "card_action.url"),
        (card(card_action={"type": 1, "url": LINK + "x" * 2048}), 40058, "card_action.url"),
        (card(card_action={"type": 2}), 40058, "card_action.appid"),
        (card(jump_list=[{"title": "x"}] * 4), 40058, "jump_list"),
        (card(jump_list=[{"type": 1, "title": "x"}]), 40058, "jump_list[0].url"),
        (card(jump_list=[{"title": ""}]), 40058, "jump_list[0].title"),
        (card(horizontal_content_list=[{"keyname": "x"}] * 7), 40058, "horizontal_content_list"),
        (card(horizontal_content_list=[{"value": "x"}]), 40058, "keyname"),
        (card(horizontal_content_list=[{"keyname": ""}]), 40058, "list[0].keyname"),
        (
            card(horizontal_content_list=[{"keyname": "x", "type": 1}]),
            40058,
            "horizontal_content_list[0].url",
        ),
        (card(task_id="有字"), 40058, "task_id"),
        (card() | {"duplicate_check_interval": 14_401}, 40058, "duplicate_check_interval"),
        (card() | {"enable_duplicate_check": "1"}, 40058, "enable_duplicate_check"),
        (card("|".join(f"m{n}" for n in range(1001))), 40058, "touser"),
        (card("nobody1|nobody2"), 81013, "all invalid"),
        (card(""), 81013, "all invalid"),
        (text(touser=None), 81013, "all invalid"),
    ],
)
def test_it_refuses_with_the_platforms_code_and_names_the_place(
    body: Any, code: int, named: str
) -> None:
    verdict = Desk().send(body)
    assert verdict.answer["errcode"] == code
    assert named in str(verdict.answer["errmsg"])
    assert {line.outcome for line in verdict.lines} == {"rejected"}
    assert {line.code for line in verdict.lines} == {code}


def test_unknown_members_are_named_in_lower_case_and_the_others_are_told() -> None:
    verdict = Desk().send(card("m001|NoBody1|王五|M001"))
    assert verdict.answer["errcode"] == 0
    assert verdict.answer["invaliduser"] == "nobody1|王五"
    assert [(line.to, line.outcome) for line in verdict.lines] == [
        ("m001", "delivered"),
        ("NoBody1", "rejected"),
        ("王五", "rejected"),
    ]


def test_a_list_of_members_replaces_the_rule() -> None:
    desk = Desk(members=frozenset({"m001"}).__contains__)
    assert desk.send(card("M001|m002")).answer["invaliduser"] == "m002"


def test_departments_and_tags_are_not_known() -> None:
    answer = Desk().send(card() | {"toparty": "P1", "totag": "T1"}).answer
    assert (answer["invalidparty"], answer["invalidtag"]) == ("p1", "t1")


def test_an_identical_body_within_the_interval_is_accepted_and_not_shown() -> None:
    desk = Desk(limits=replace(PUBLISHED))
    reordered = dict(reversed(list(card().items())))
    assert desk.outcome(card(), 0) == ["delivered"]
    assert desk.outcome(reordered, 7000) == ["duplicate"]
    desk.token(7200)
    verdict = desk.send(card(), 14_399, "b")
    assert verdict.answer["errcode"] == 0
    assert [line.outcome for line in verdict.lines] == ["duplicate"]


def test_the_interval_ends_and_a_duplicate_does_not_prolong_it() -> None:
    short = card() | {"duplicate_check_interval": 100}
    desk = Desk()
    assert [desk.outcome(short, now)[0] for now in (0, 99.9, 100)] == [
        "delivered",
        "duplicate",
        "delivered",
    ]


def test_the_default_interval_is_half_an_hour() -> None:
    body = card()
    del body["duplicate_check_interval"]
    desk = Desk()
    assert [desk.outcome(body, now)[0] for now in (0, 1799, 1800)] == [
        "delivered",
        "duplicate",
        "delivered",
    ]


@pytest.mark.parametrize("other", [card(code="7BB8F537-2"), card("m002"), card("m001|m002")])
def test_another_body_or_other_receivers_are_no_duplicate(other: dict[str, Any]) -> None:
    desk = Desk()
    desk.send(card())
    assert set(desk.outcome(other)) == {"delivered"}


def test_without_the_check_the_same_is_said_twice() -> None:
    body = card() | {"enable_duplicate_check": 0}
    desk = Desk()
    assert desk.outcome(body) + desk.outcome(body) == ["delivered", "delivered"]


def test_what_was_refused_is_no_duplicate_later() -> None:
    desk = Desk()
    assert desk.send(card(), token="wrong").answer["errcode"] == 40014
    assert desk.outcome(card()) == ["delivered"]


def test_a_member_hears_thirty_in_a_minute_and_the_rest_is_dropped_without_a_word() -> None:
    desk = Desk()
    heard = [desk.outcome(card(code=f"{n}"), n)[0] for n in range(31)]
    assert heard == ["delivered"] * 30 + ["dropped"]
    assert desk.send(card(code="31"), 31).answer["errcode"] == 0
    assert desk.outcome(card("m002", code="x"), 31) == ["delivered"]
    assert desk.outcome(card(code="y"), 60) == ["delivered"]


@pytest.mark.parametrize(("first", "second"), [("m001", "M001"), ("M001", "m001")])
def test_a_member_in_other_letters_is_the_same_member(first: str, second: str) -> None:
    desk = Desk(limits=replace(PUBLISHED, member=(Rate(1, 60),)))
    assert desk.outcome(card(first)) + desk.outcome(card(second)) == ["delivered", "dropped"]


def test_the_corporation_may_call_so_often_and_then_waits_for_the_minute_to_end() -> None:
    desk = Desk(limits=replace(PUBLISHED, api=(Rate(2, 60),)))
    codes = [desk.send(card(code=f"{now}"), now).answer["errcode"] for now in (0, 1, 2, 59, 60)]
    assert codes == [0, 0, 45009, 45009, 0]


def test_calls_refused_for_the_minute_do_not_use_up_the_hour() -> None:
    desk = Desk(limits=replace(PUBLISHED, api=(Rate(2, 60), Rate(4, 3600))))
    codes = [desk.send(card(code=f"{n}"), n * 10).answer["errcode"] for n in range(9)]
    assert codes == [0, 0, 45009, 45009, 45009, 45009, 0, 0, 45009]


def test_the_app_may_tell_so_many_people_a_day() -> None:
    desk = Desk(limits=replace(PUBLISHED, app=(Rate(3, 86_400),)))
    assert desk.send(card("m001|m002")).answer["errcode"] == 0
    assert desk.send(card("m003|m004")).answer["errcode"] == 45009
    assert desk.send(card("m005")).answer["errcode"] == 0


def test_an_earlier_day_is_another_run_and_starts_afresh() -> None:
    desk = Desk(limits=replace(PUBLISHED, member=(Rate(1, 60),)))
    day = 86_400
    desk.token(0)
    assert desk.outcome(card(), 7000) == ["delivered"]
    assert desk.outcome(card(), 7000 - 1800) == ["duplicate"]
    assert desk.outcome(card(), 7000 - 1800 - 3601) == ["delivered"]
    assert desk.outcome(card(), -day) == ["delivered"]


def test_lengths_beyond_the_recommended_are_taken_and_noted() -> None:
    long = card(sub_title_text="潮" * 161, main_title={"title": "大" * 37, "desc": "短"})
    verdict = Desk().send(long)
    assert verdict.answer["errcode"] == 0
    assert verdict.overlong == ("main_title.title", "sub_title_text")


def test_a_list_to_choose_from_is_taken() -> None:
    assert Desk().send(asking()).answer["errcode"] == 0


def test_a_cards_text_is_everything_it_shows() -> None:
    verdict = Desk().send(card())
    assert verdict.title == "大额出金"
    assert verdict.text.splitlines() == [
        "观潮 · 异动",
        "大额出金",
        "王海涛 · 账户***345",
        "520万",
        "今日累计",
        "今日累计出金520万，达到警戒线500万。请致电客户。",
        "警戒线：500万",
        "编号：7BB8F537-1",
        "查看客户",
    ]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"corpid": ""}, 41002),
        ({"corpid": "ww0"}, 40013),
        ({"corpsecret": ""}, 41004),
        ({"corpsecret": "x"}, 40001),
    ],
)
def test_a_token_needs_the_corporation_and_its_secret(query: dict[str, str], code: int) -> None:
    assert Desk().token(query=CORP | query)["errcode"] == code


def test_asking_again_gives_the_same_token_with_what_is_left_of_it() -> None:
    desk = Desk()
    first, again = desk.token(0), desk.token(100)
    assert (first["access_token"], first["expires_in"]) == ("a", 7200)
    assert (again["access_token"], again["expires_in"]) == ("a", 7100)
    assert desk.token(7200)["access_token"] == "b"


@pytest.mark.parametrize(
    ("token", "now", "code"),
    [(None, 0, 41001), ("", 0, 41001), ("z", 0, 40014), ("a", 7199.9, 0), ("a", 7200, 42001)],
)
def test_a_token_is_ours_and_valid_or_says_what_it_is(
    token: str | None, now: float, code: int
) -> None:
    desk = Desk()
    desk.token(0)
    assert desk.send(card(), now, token).answer["errcode"] == code


def test_a_get_is_told_to_post() -> None:
    desk = Desk()
    call = Call(method="GET", path="/", query=(), headers={}, body=b"")
    assert desk.wecom.judge(call).answer["errcode"] == 43002
