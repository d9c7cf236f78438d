"""Why a rule has, or has not, alerted: each condition beside the line, judged as the rule does."""

from datetime import date

import pytest

from services.mot.commands.asking import explanation
from services.mot.domain.account import EMPTY, changed
from services.mot.domain.detectors import catalogue
from services.mot.rules import read_rules
from shared.kernel.trading_day import china
from tests.kit.events import (
    DAY,
    YESTERDAY,
    baselined,
    closed,
    li,
    moment,
    settled,
    snapshotted,
    withdrew,
)
from tests.kit.scenario import play

RULES = read_rules()


def asked(rule: str, *log: object) -> list[str]:
    """Return what is said of a rule after a log."""
    account = play(log, RULES).account  # type: ignore[arg-type]
    return list(explanation(account, rule, RULES.detectors.get(rule), china()))


def conditions(rule: str, *log: object) -> dict[str, bool | None]:
    """Return condition → whether it is met."""
    account = play(log, RULES).account  # type: ignore[arg-type]
    return {c.name: c.met for c in RULES.detectors[rule].why(account, china())}


RICH = settled(1_000_000, YESTERDAY)


def test_a_sum_under_its_line_is_the_reason() -> None:
    said = asked("large_withdrawal", RICH, withdrew(400_000))
    assert "✗ 没到 not met  2026-06-01累计出金: 40万元  （线 line 50万元）" in said
    assert any(line.startswith("→ 此刻不提醒") for line in said)
    assert "还没说过 · nothing was said yet" in said


def test_a_sum_at_its_line_is_met_and_what_was_said_is_told() -> None:
    said = asked("large_withdrawal", RICH, withdrew(500_000))
    assert "→ 条件都到了 · all conditions are met" in said
    assert any(line.startswith("说过 said: 2026-06-01 第 1 版") for line in said)
    assert any("limit=5000000" in line for line in said)


LOGS = {
    "large_withdrawal": ((RICH, withdrew(500_000)), (RICH, withdrew(499_999))),
    "margin_usage": (
        (snapshotted(1, moment(DAY, "10:00"), equity=li(100), margin=li(80)),),
        (snapshotted(1, moment(DAY, "10:00"), equity=li(100), margin=li(79)),),
    ),
    "negative_equity": (
        (snapshotted(-5, moment(DAY, "10:00"), margin=li(9)),),
        (snapshotted(-5, moment(DAY, "10:00"), margin=li(0)),),
    ),
    "consecutive_overdraft": (
        (settled(1, YESTERDAY, -60_000), settled(1, DAY, -40_000)),
        (settled(1, YESTERDAY, -60_000), settled(1, DAY, -39_999)),
    ),
    "unfunded_account": (
        (baselined(date(2026, 5, 27)), closed(DAY), settled(0, DAY)),
        (baselined(date(2026, 5, 28)), closed(DAY), settled(0, DAY)),
    ),
    "near_dormancy": (
        (baselined(date(2019, 3, 1)), settled(1_000, DAY, position_lots=0), closed(DAY)),
        (baselined(date(2019, 3, 1)), settled(1_001, DAY, position_lots=0), closed(DAY)),
    ),
    "certificate_expiry": (
        (baselined(date(2019, 3, 1), certificate_until=date(2026, 6, 12)), settled(9, DAY)),
        (baselined(date(2019, 3, 1), certificate_until=date(2026, 9, 30)), settled(9, DAY)),
    ),
}


@pytest.mark.parametrize("rule", LOGS)
def test_all_conditions_are_met_exactly_when_the_rule_has_spoken(rule: str) -> None:
    for log, speaks in zip(LOGS[rule], (True, False), strict=True):
        spoken = any(alert.data.rule == rule for alert in play(log, RULES).alerts)
        found = conditions(rule, *log)
        assert spoken is speaks
        assert found
        assert all(met is True for met in found.values()) is speaks


@pytest.mark.parametrize("rule", catalogue())
def test_any_rule_can_be_asked_of_an_account_that_nothing_is_known_of(rule: str) -> None:
    said = list(explanation(EMPTY, rule, RULES.detectors[rule], china()))
    assert "→ 条件都到了 · all conditions are met" not in said
    assert any(line.startswith("阈值 thresholds: urgency=") for line in said)


def test_what_hinders_the_rule_is_said() -> None:
    broken = changed(EMPTY, incomplete=True, switched_off={"margin_call": "1/x"})
    said = list(explanation(broken, "margin_call", RULES.detectors["margin_call"], china()))
    assert any("switched off" in line for line in said)
    assert any("incomplete" in line for line in said)
    assert list(explanation(EMPTY, "margin_call", None, china())) == [
        "规则是关的，不会提醒 · the rule is off"
    ]
