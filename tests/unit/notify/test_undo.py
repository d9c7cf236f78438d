"""收回: which messages are taken back, and how."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from services.notify.domain.channel import Channel
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.undo import Shown, undoings
from tests.kit.alerts import MANAGER, MOMENT, amended, raised, withdrawn

WITHDRAWN: Any = withdrawn()
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
CHANNELS: dict[str, Channel] = {
    "wecom_app": WecomApp(corp_id="ww1", agent_id=1, secret=SecretStr("x")),
    "aliyun_sms": AliyunSms(access_key_id="i", access_key_secret=SecretStr("x"), sign_name="观潮"),
}


def shown(channel: str = "wecom_app", code: str = "", message_id: str = "m1") -> Shown:
    return Shown(raised(), channel, "m001", message_id, code, MOMENT)


def bodies(
    one: Shown, age: timedelta, staff: Any = None, event: Any = WITHDRAWN
) -> list[dict[str, Any]]:
    known = {"m001": MANAGER} if staff is None else staff
    return [
        json.loads(body) for _, _, body in undoings([one], CHANNELS, known, event, MOMENT + age)
    ]


RECALLED = [{"msgid": "m1"}]
UPDATED = [
    {
        "agentid": 1,
        "button": {"replace_name": "已撤回"},
        "response_code": "code-1",
        "userids": ["m001"],
    }
]


@pytest.mark.parametrize(
    ("one", "age", "expected"),
    [
        (shown(), HOUR, RECALLED),
        (shown(), 24 * HOUR - SECOND, RECALLED),
        (shown(), 24 * HOUR, []),
        (shown(code="code-1"), HOUR, UPDATED),
        (shown(code="code-1"), 72 * HOUR - SECOND, UPDATED),
        (shown(code="code-1"), 72 * HOUR, []),
        (shown(message_id=""), HOUR, []),
        (shown("aliyun_sms"), HOUR, []),
        (shown("app_push"), HOUR, []),
    ],
)
def test_what_is_taken_back(one: Shown, age: timedelta, expected: list[dict[str, Any]]) -> None:
    assert bodies(one, age) == expected


@pytest.mark.parametrize(
    ("one", "age", "said"),
    [
        (shown(code="code-1"), HOUR, ["已更正，见新消息"]),
        (shown(code="code-1"), 72 * HOUR, []),
        (shown(), HOUR, []),  # until the correction has arrived it is all there is
        (shown("aliyun_sms"), HOUR, []),
    ],
)
def test_a_correction_is_said_on_cards_with_buttons(
    one: Shown, age: timedelta, said: list[str]
) -> None:
    found = bodies(one, age, event=amended())
    assert [body["button"]["replace_name"] for body in found] == said


def test_somebody_who_has_left_the_directory_has_the_message_recalled() -> None:
    assert bodies(shown(code="code-1"), HOUR, staff={}) == RECALLED


def test_it_stands_at_step_0_of_the_revision_it_takes_back() -> None:
    ((one, send, _),) = undoings([shown()], CHANNELS, {"m001": MANAGER}, WITHDRAWN, MOMENT)
    assert (send.step, send.receiver, send.channel) == (0, MANAGER, "wecom_app")
    assert one.event == raised()


def test_the_code_is_never_printed() -> None:
    assert "code-1" not in repr(shown(code="code-1"))
