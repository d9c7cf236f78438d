"""A person reads what the receiver reads."""

import pytest

from deploy.embedded.screen import Screen, body

CARD = {
    "n": 1,
    "at": "2026-06-01T09:31:00+08:00",
    "channel": "wecom",
    "to": "m001",
    "outcome": "delivered",
    "title": "大额出金",
    "text": "观潮 · 异动\n大额出金\n王** · 账户***345\n查看客户\n拨打电话",
    "request": {
        "template_card": {
            "main_title": {"title": "大额出金", "desc": "王** · 账户***345"},
            "jump_list": [{"title": "查看客户"}, {"title": "拨打电话"}],
        }
    },
}
SMS = {
    **CARD,
    "channel": "sms",
    "to": "13812345678",
    "text": "【观潮】大额出金：" + "王**账户***345，" * 9 + "编号7KQ2-1",
    "request": {},
}


def test_a_card_shows_its_buttons_in_one_line() -> None:
    assert body(CARD).splitlines()[-1] == "〔查看客户〕 〔拨打电话〕"
    assert body(CARD).count("大额出金") == 1


def test_a_long_text_is_shown_whole_and_the_phone_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Screen().message(SMS)
    shown = capsys.readouterr().out
    assert "7KQ2-1" in "".join(line.strip("│ ") for line in shown.splitlines())
    assert "138****5678" in shown
    assert "13812345678" not in shown


def test_briefly_only_the_first_of_a_kind_is_a_card(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(brief=True)
    screen.message(CARD)
    screen.message(CARD)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith("大额出金 · 王** · 账户***345")
    assert sum(line.startswith("╭") for line in lines) == 1


def test_a_line_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().say('DEMO {"p50_ms": 1.0, "note": ":100: [bold]"}')
    assert capsys.readouterr().out == 'DEMO {"p50_ms": 1.0, "note": ":100: [bold]"}\n'
