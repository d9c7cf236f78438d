"""穿仓: equity at or below zero with margin in use; no threshold."""

from typing import Any

import pytest

from services.mot.domain.detectors.negative_equity import NegativeEquity
from services.mot.domain.events import AccountSnapshotted
from tests.kit.events import DAY, TOMORROW, closed, moment, settled, snapshotted
from tests.kit.scenario import Scenario, happened, steps

rule = Scenario(NegativeEquity())


def seen(at: str, equity: str, margin: str | None = "80000", **given: Any) -> AccountSnapshotted:
    return snapshotted(0, moment(DAY, at), equity=equity, margin=margin, **given)


told = rule.given(seen("10:00", "-5"))


@pytest.mark.parametrize(
    ("equity", "margin", "speaks"),
    [
        ("0", "80000", True),
        ("0.001", "80000", False),
        ("-0.001", "0.001", True),
        ("-0.001", "0", False),  # nothing open: there is no position to lose more
        ("-5", None, False),
    ],
)
def test_no_equity_and_a_margin_in_use(equity: str, margin: str | None, speaks: bool) -> None:
    assert steps(rule.when(seen("10:00", equity, margin))) == ["raised"] * speaks


def test_money_that_is_there_is_not_negative_equity() -> None:
    assert not rule.when(seen("10:00", "100000", "500000"))


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = rule.when(seen("10:00", "-12345.5", exchange_margin="60000"))
    assert said.summary == "权益-12,345.50元，已穿仓"
    assert list(said.facts.items()) == [
        ("权益", "-12,345.50元"),
        ("保证金", "80,000.00元"),
        ("交易所保证金", "60,000.00元"),
    ]
    assert (said.episode, said.provisional, said.figure) == ("2026-06-01", True, -12_345_500)


def test_it_speaks_once_a_day_and_again_after_there_was_equity() -> None:
    assert not told.when(seen("10:05", "-9000"))
    between = told.given(seen("10:05", "0.001"))
    assert happened(between.told(seen("10:10", "0"))) == ["updated"]
    assert told.given(seen("10:05", "0.001", None)).told(seen("10:10", "0")) == []


def test_the_settlement_confirms_amends_or_takes_back() -> None:
    (same,) = told.when(settled("-5", DAY, margin="70000"))
    assert (same.step.value, same.summary) == ("confirmed", "结算确认：权益-5.00元，已穿仓")
    (other,) = told.when(settled("-5.001", DAY, margin="80000"))
    assert (other.step.value, other.summary) == ("amended", "结算更正：权益-5.001元，已穿仓")
    (over,) = told.when(settled("500", DAY, margin="80000"))
    assert (over.step.value, over.summary) == ("withdrawn", "按结算权益500.00元，已不再触及")
    assert steps(told.when(settled("-5", DAY, margin="0"))) == ["withdrawn"]
    assert told.told(settled("500", DAY)) == []


def test_the_settlement_raises_what_no_snapshot_showed_and_says_it_once() -> None:
    last = settled("0", DAY, margin="80000")
    assert steps(rule.when(last)) == ["raised"]
    assert not rule.given(last).when(last)
    assert rule.given(last).told(closed(DAY)) == []


def test_a_day_is_settled_after_the_next_days_night_session_has_begun() -> None:
    night = snapshotted(0, moment(DAY, "21:05"), equity="-1", margin="1")
    said = told.told(night, settled("-5", DAY, margin="1"), settled("9", TOMORROW, margin="1"))
    assert [(a.type, a.data.episode) for a in said] == [
        ("alert.raised", "2026-06-02"),
        ("alert.confirmed", "2026-06-01"),
        ("alert.withdrawn", "2026-06-02"),
    ]
