"""The verdict of the fault rows can fail: each defect it names is planted once."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from shared.kernel.ids import alert_id
from tests.fault.verdict import Wanted, judge_log, judge_told
from tests.kit.reference import Expected

RAISED = Expected("alert.raised", "large_withdrawal", "demo:1", "2026-06-01", 1)
UPDATED = Expected("alert.updated", "large_withdrawal", "demo:1", "2026-06-01", 2)
OTHER = Expected("alert.raised", "negative_equity", "demo:1", "2026-06-01", 1)
STRANGE = Expected("alert.raised", "large_withdrawal", "demo:2", "2026-06-01", 1)
WANTED = [Wanted(RAISED, 0), Wanted(UPDATED, 3), Wanted(OTHER, 5)]
MANAGERS = {"demo:1": "m1", "demo:2": "m2"}


class Record(NamedTuple):
    value: bytes


def said(alert: Expected, id_: str = "", text: str = "") -> Record:
    data = {"rule": alert.rule, "episode": alert.episode, "revision": alert.revision, "text": text}
    identity = id_ or f"{alert.rule}|{alert.revision}"
    event = {"id": identity, "type": alert.type, "subject": alert.account, "data": data}
    return Record(msgspec.json.encode(event))


FAITHFUL = [said(want.alert) for want in WANTED]
IN_THE_LOG: dict[str, Callable[[], list[Record]]] = {
    "log_lost": lambda: FAITHFUL[:1],
    "log_phantom": lambda: [*FAITHFUL, said(STRANGE, "x")],
    "log_twice": lambda: [*FAITHFUL, said(RAISED, id_="another id")],
    "log_disorder": lambda: FAITHFUL[::-1],
    "log_changed": lambda: [*FAITHFUL, said(RAISED, text="other words")],
}


def test_a_faithful_log_has_only_zeros() -> None:
    verdict = judge_log(FAITHFUL, WANTED)
    assert {word: verdict[word] for word in IN_THE_LOG} == dict.fromkeys(IN_THE_LOG, 0)
    assert (verdict["expected"], verdict["log_seen"]) == (3, 3)


@pytest.mark.parametrize("word", IN_THE_LOG)
def test_a_planted_defect_of_the_log_is_counted(word: str) -> None:
    assert judge_log(IN_THE_LOG[word](), WANTED)[word] > 0


def test_the_same_bytes_again_are_no_defect() -> None:
    verdict = judge_log([*FAITHFUL, FAITHFUL[0]], WANTED)
    assert (verdict["log_repeated_same_bytes"], verdict["log_twice"]) == (1, 0)


def told(alert: Expected, to: str = "", outcome: str = "delivered") -> dict[str, Any]:
    which = alert_id(alert.rule, alert.account, alert.episode)
    card = {
        "jump_list": [{"url": f"http://x/alerts/{which}?to=a&sig=b"}],
        "horizontal_content_list": [{"keyname": "编号", "value": f"CODE-{alert.revision}"}],
    }
    receiver = to or MANAGERS[alert.account]
    message = {"request": {"template_card": card}, "channel": "wecom"}
    return {**message, "to": receiver, "outcome": outcome}


ARRIVED = [told(want.alert) for want in WANTED]
AT_THE_GATEWAY: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "lost": lambda: ARRIVED[:2],
    "phantom": lambda: [*ARRIVED, told(STRANGE)],
    "told_twice": lambda: [*ARRIVED, told(RAISED, outcome="duplicate")],
    "inversions": lambda: [ARRIVED[1], ARRIVED[0], ARRIVED[2]],
}


def test_a_faithful_gateway_has_only_zeros() -> None:
    verdict = judge_told(ARRIVED, WANTED, MANAGERS)
    assert verdict == {"delivered": 3, **dict.fromkeys(AT_THE_GATEWAY, 0)}


@pytest.mark.parametrize("word", AT_THE_GATEWAY)
def test_a_planted_defect_at_the_gateway_is_counted(word: str) -> None:
    assert judge_told(AT_THE_GATEWAY[word](), WANTED, MANAGERS)[word] > 0


def test_what_was_told_to_another_person_is_lost_and_made_up() -> None:
    verdict = judge_told([*ARRIVED[:2], told(OTHER, to="m2")], WANTED, MANAGERS)
    assert (verdict["lost"], verdict["phantom"]) == (1, 1)


def test_one_clients_alerts_of_two_rules_keep_their_order() -> None:
    assert judge_told([ARRIVED[2], *ARRIVED[:2]], WANTED, MANAGERS)["inversions"] > 0


def test_a_refused_request_tells_nobody() -> None:
    entries = [*ARRIVED, told(RAISED, outcome="faulted"), told(STRANGE, outcome="rejected")]
    assert judge_told(entries, WANTED, MANAGERS)["told_twice"] == 0
