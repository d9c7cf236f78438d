"""Every rule has a runbook, and what the runbook's examples say happens when they are played."""

import re
from collections.abc import Callable
from datetime import date

import pytest

from services.mot.domain.detectors import catalogue
from services.mot.domain.events import TradingEvent
from services.mot.domain.watch import Rules
from services.mot.rules import read_rules
from services.notify.policy import read_templates
from shared.contracts.alerts import AlertEvent
from shared.contracts.messages import of_rule
from tests.kit.events import (
    DAY,
    YESTERDAY,
    agreed,
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
from tools.runbooks import FOLDER, NOTHING, Example, examples

RULES = read_rules()
STEPS = {
    "raised": "提出",
    "updated": "更新",
    "confirmed": "了结",
    "amended": "更正",
    "withdrawn": "撤回",
}
HEADINGS = ("含义", "经理怎么做", "静音或调整阈值", "例子")


def _forced(at: str, filled: str) -> TradingEvent:
    status = {"0": "open", "5": "filled"}.get(filled, "partly-filled")
    return ordered(moment(DAY, at), int(filled), status)


def _seen(at: str, equity: str, margin: str, exchange: str | None = None) -> TradingEvent:
    given = {"equity": _plain(equity), "margin": _plain(margin)}
    if exchange:
        given["exchange_margin"] = _plain(exchange)
    return snapshotted(0, moment(DAY, at), **given)


def _closed(on: date, equity: str, margin: str, exchange: str | None = None) -> TradingEvent:
    given = {"exchange_margin": _plain(exchange)} if exchange else {}
    return settled(_plain(equity), on, margin=_plain(margin), **given)


def _heard(at: str, source: str, last: str) -> TradingEvent:
    return ticked(moment(DAY, at), heard={source: moment(DAY, last)})


DATE, SUM, TIME = r"(\d{4}-\d\d-\d\d)", r"(-?[\d,.]+)", r"(\d\d:\d\d)"
MARGINS = rf"{SUM} 保证金 {SUM}(?: 交易所保证金 {SUM})?"
LONG_AGO = date(2019, 3, 1)

PHRASES: dict[str, Callable[..., TradingEvent]] = {
    rf"昨日结算权益 {SUM}": lambda x: settled(_plain(x), YESTERDAY),
    rf"出金 {SUM}": lambda x: withdrew(_plain(x)),
    rf"入金 {SUM}": lambda x: deposited(_plain(x)),
    rf"冲正 {SUM}": lambda x: took_back(_plain(x)),
    rf"冲正入金 {SUM}": lambda x: took_back(_plain(x), direction="deposit"),
    rf"{DATE} 出金 {SUM}": lambda on, x: withdrew(_plain(x), _day(on)),
    rf"{DATE} 入金 {SUM}": lambda on, x: deposited(_plain(x), _day(on)),
    rf"{DATE} 结算可用 {SUM}": lambda on, x: settled(0, _day(on), available=_plain(x)),
    rf"{DATE} 结算权益 {SUM}": lambda on, x: settled(_plain(x), _day(on)),
    rf"{DATE} 结算权益 {MARGINS}": lambda on, *given: _closed(_day(on), *given),
    rf"{DATE} 成交 (\d)手 结算权益 {SUM}": lambda on, lots, x: settled(
        _plain(x), _day(on), traded_lots=int(lots)
    ),
    rf"{DATE} 结算齐": lambda on: closed(_day(on)),
    rf"{TIME} 强平单已成 (\d)手": _forced,
    rf"{TIME} 强平单撤销": lambda at: ordered(moment(DAY, at), 0, "cancelled"),
    rf"{TIME} 可用 {SUM}": lambda at, x: snapshotted(_plain(x), moment(DAY, at)),
    rf"{TIME} 权益 {MARGINS}": _seen,
    rf"{TIME} 整分": lambda at: ticked(moment(DAY, at)),
    rf"{TIME} 整分，(\S+) 最后 {TIME}": _heard,
    rf"开户 {DATE}": lambda opened: baselined(_day(opened)),
    rf"开户 {DATE}，最后交易 {DATE}": lambda opened, traded: baselined(_day(opened), _day(traded)),
    rf"{DATE} 得知(.返) {DATE} 至 {DATE}": lambda on, kind, start, end: agreed(
        _day(end), _day(start), kind, _day(on)
    ),
    rf"{DATE} 得知风险测评至 {DATE}": lambda on, end: baselined(
        LONG_AGO, day=_day(on), risk_level_until=_day(end)
    ),
    rf"{DATE} 得知证件至 {DATE}": lambda on, end: baselined(
        LONG_AGO, day=_day(on), certificate_until=_day(end)
    ),
}
"""What an example may say, and the event that it is."""


def event_of(phrase: str) -> TradingEvent:
    for pattern, build in PHRASES.items():
        if found := re.fullmatch(pattern, phrase):
            return build(*found.groups())
    raise AssertionError(f"no event is written like {phrase!r}")


def alerts(example: Example) -> list[AlertEvent]:
    rules = Rules({example.rule: RULES.detectors[example.rule]}, RULES.calendar)
    played = play([event_of(phrase) for phrase in example.happened.split("；")], rules)
    assert not played.failures
    return played.alerts


def told_by(example: Example) -> str:
    said = [f"{STEPS[a.type.removeprefix('alert.')]}：{a.data.summary}" for a in alerts(example)]
    return "；".join(said) or NOTHING


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _plain(amount: str) -> str:
    return amount.replace(",", "")


WRITTEN = [example for rule in catalogue() for example in examples(rule)]


def test_rules_and_runbooks_are_the_same() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(catalogue())


@pytest.mark.parametrize("rule", catalogue())
def test_a_runbook_says_what_it_must(rule: str) -> None:
    text = (FOLDER / f"{rule}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+)", text, re.MULTILINE)
    assert tuple(headings) == HEADINGS
    assert RULES.detectors[rule].message_type in text.splitlines()[0]
    for name, value in RULES.detectors[rule].thresholds().items():
        assert f"| `{name}` | {value} |" in text


@pytest.mark.parametrize("rule", catalogue())
def test_a_runbook_has_an_example_of_each_kind(rule: str) -> None:
    assert {example.positive for example in WRITTEN if example.rule == rule} == {True, False}


@pytest.mark.parametrize("rule", catalogue())
def test_the_examples_show_every_field_of_the_message_and_no_other(rule: str) -> None:
    told = [alert.data for e in WRITTEN if e.rule == rule for alert in alerts(e)]
    fields = dict.fromkeys(name for alert in told for name in alert.facts)
    assert tuple(fields) == of_rule(rule).fields


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


@pytest.mark.parametrize("rule", catalogue())
def test_the_usual_action_and_the_figures_are_those_of_the_template(rule: str) -> None:
    """Or an SMS could not say them shorter: only what is usual is said otherwise."""
    template = read_templates().types[of_rule(rule).name].example
    told = [a for e in WRITTEN if e.rule == rule for a in alerts(e) if a.type == "alert.raised"]
    assert {alert.data.action for alert in told} == {template.action}
    assert {name for alert in told for name in alert.data.facts} <= template.facts.keys()
