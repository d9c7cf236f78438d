"""The verdict of the fault rows can fail: each defect it names is planted once."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import pytest

from tests.fault.verdict import judge
from tests.kit.reference import Expected

WANTED = [
    Expected("alert.raised", "large_withdrawal", "demo:1", "2026-06-01", 1),
    Expected("alert.updated", "large_withdrawal", "demo:1", "2026-06-01", 2),
]


class Record(NamedTuple):
    value: bytes


def said(alert: Expected, id_: str = "", text: str = "") -> Record:
    data = {"rule": alert.rule, "episode": alert.episode, "revision": alert.revision, "text": text}
    identity = id_ or f"{alert.rule}|{alert.revision}"
    event = {"id": identity, "type": alert.type, "subject": alert.account, "data": data}
    return Record(msgspec.json.encode(event))


FAITHFUL = [said(alert) for alert in WANTED]
PHANTOM = said(Expected("alert.raised", "large_withdrawal", "demo:2", "2026-06-01", 1), "x")
PLANTED: dict[str, Callable[[], list[Record]]] = {
    "lost": lambda: FAITHFUL[:1],
    "phantom": lambda: [*FAITHFUL, PHANTOM],
    "twice": lambda: [*FAITHFUL, said(WANTED[0], id_="another id")],
    "disorder": lambda: FAITHFUL[::-1],
    "changed": lambda: [*FAITHFUL, said(WANTED[0], text="other words")],
}


def test_a_faithful_log_has_only_zeros() -> None:
    verdict = judge(FAITHFUL, WANTED)
    assert {word: verdict[word] for word in PLANTED} == dict.fromkeys(PLANTED, 0)


@pytest.mark.parametrize("word", PLANTED)
def test_a_planted_defect_is_counted(word: str) -> None:
    assert judge(PLANTED[word](), WANTED)[word] > 0


def test_the_same_bytes_again_are_no_defect() -> None:
    verdict = judge([*FAITHFUL, FAITHFUL[0]], WANTED)
    assert (verdict["repeated_same_bytes"], verdict["twice"]) == (1, 0)
