"""Every rule has a runbook, and what the runbook's examples say happens when they are played."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from services.mot.domain.detectors import catalogue
from services.mot.domain.events import TradingEvent
from services.mot.domain.watch import Rules
from services.mot.rules import read_rules
from tests.kit.events import (
    DAY,
    YESTERDAY,
    baselined,
    closed,
    deposited,
    moment,
    ordered,
    settled,
    snapshotted,
    ticked,
    took_back,
    withdrew,
)
from tests.kit.scenario import play
from tools.pages import facts_of

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
RULES = read_rules()
STEPS = {"raised": "提出", "updated": "更新", "confirmed": "了结", "withdrawn": "撤回"}
NOTHING = "—"
HEADINGS = ("含义", "经理怎么做", "静音或调整阈值", "例子")


def _overdrawn(on: str, available: str) -> TradingEvent:
    return settled(0, date.fromisoformat(on), available=_plain(available))


def _forced(at: str, filled: str) -> TradingEvent:
    status = {"0": "open", "5": "filled"}.get(filled, "partly-filled")
    return ordered(moment(DAY, at), int(filled), status)


PHRASES: dict[str, Callable[..., TradingEvent]] = {
    r"昨日结算权益 ([\d,.]+)": lambda x: settled(_plain(x), YESTERDAY),
    r"出金 ([\d,.]+)": lambda x: withdrew(_plain(x)),
    r"入金 ([\d,.]+)": lambda x: deposited(_plain(x)),
    r"冲正 ([\d,.]+)": lambda x: took_back(_plain(x)),
    r"(\S+) 入金 ([\d,.]+)": lambda on, x: deposited(_plain(x), date.fromisoformat(on)),
    r"(\S+) 结算可用 (-?[\d,.]+)": _overdrawn,
    r"(\S+) 结算权益 ([\d,.]+)": lambda on, x: settled(_plain(x), date.fromisoformat(on)),
    r"(\S+) 结算齐": lambda on: closed(date.fromisoformat(on)),
    r"(\d\d:\d\d) 强平单已成 (\d)手": _forced,
    r"(\d\d:\d\d) 强平单撤销": lambda at: ordered(moment(DAY, at), 0, "cancelled"),
    r"(\d\d:\d\d) 可用 (-?[\d,.]+)": lambda at, x: snapshotted(_plain(x), moment(DAY, at)),
    r"(\d\d:\d\d) 整分": lambda at: ticked(moment(DAY, at)),
    r"开户 (\S+)，最后交易 (\S+)": lambda opened, traded: baselined(
        date.fromisoformat(opened), date.fromisoformat(traded)
    ),
}
"""What an example may say, and the event that it is."""


class Example(NamedTuple):
    rule: str
    positive: bool
    happened: str
    told: str


def examples(rule: str, text: str) -> list[Example]:
    rows = re.findall(r"^\| ([正反]) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return [Example(rule, kind == "正", happened, told) for kind, happened, told in rows]


def event_of(phrase: str) -> TradingEvent:
    for pattern, build in PHRASES.items():
        if found := re.fullmatch(pattern, phrase):
            return build(*found.groups())
    raise AssertionError(f"no event is written like {phrase!r}")


def told_by(example: Example) -> str:
    rules = Rules({example.rule: RULES.detectors[example.rule]}, RULES.calendar)
    played = play([event_of(phrase) for phrase in example.happened.split("；")], rules)
    assert not played.failures
    said = [f"{STEPS[a.type.removeprefix('alert.')]}：{a.data.summary}" for a in played.alerts]
    documented = set(facts_of(RULES.detectors[example.rule]))
    assert all(set(alert.data.facts) <= documented for alert in played.alerts)
    return "；".join(said) or NOTHING


def _plain(amount: str) -> str:
    return amount.replace(",", "")


WRITTEN = [
    example
    for rule in catalogue()
    if (RUNBOOKS / f"{rule}.md").exists()
    for example in examples(rule, (RUNBOOKS / f"{rule}.md").read_text(encoding="utf-8"))
]


def test_rules_and_runbooks_are_the_same() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(catalogue())


@pytest.mark.parametrize("rule", catalogue())
def test_a_runbook_says_what_it_must(rule: str) -> None:
    text = (RUNBOOKS / f"{rule}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+)", text, re.MULTILINE)
    assert tuple(headings) == HEADINGS
    assert RULES.detectors[rule].message_type in text.splitlines()[0]
    for name, value in RULES.detectors[rule].thresholds().items():
        assert f"| `{name}` | {value} |" in text


@pytest.mark.parametrize("rule", catalogue())
def test_a_runbook_has_an_example_of_each_kind(rule: str) -> None:
    assert {example.positive for example in WRITTEN if example.rule == rule} == {True, False}


@pytest.mark.parametrize("example", WRITTEN, ids=lambda e: f"{e.rule}: {e.happened}")
def test_an_example_is_told_as_written(example: Example) -> None:
    assert (example.told != NOTHING) == example.positive
    assert told_by(example) == example.told


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        ("出金 499,999.999", "提出：今日累计出金50万元，达到警戒线50万元"),
        ("出金 500,000", NOTHING),
    ],
)
def test_a_planted_wrong_example_is_found(happened: str, told: str) -> None:
    assert told_by(Example("large_withdrawal", True, happened, told)) != told
