"""追加保证金: margin ÷ equity at 100 %; what it shares with 保证金占用 is shown there."""

from decimal import Decimal
from typing import Any

import pytest

from services.mot.domain.detectors.margin_call import MarginCall
from services.mot.domain.events import AccountSnapshotted
from tests.kit.events import DAY, TOMORROW, closed, moment, settled, snapshotted
from tests.kit.scenario import Scenario, happened, steps

rule = Scenario(MarginCall())


def seen(at: str, margin: str | None, equity: str = "100000", **given: Any) -> AccountSnapshotted:
    return snapshotted(0, moment(DAY, at), equity=equity, margin=margin, **given)


told = rule.given(seen("10:00", "100000"))


def test_reaching_the_line_counts_and_one_li_less_does_not() -> None:
    assert steps(rule.when(seen("10:00", "100000"))) == ["raised"]
    assert not rule.when(seen("10:00", "99999.999"))
    assert not rule.when(seen("10:00", "100000", "100000.001"))


def test_the_exchanges_margin_is_another_rules() -> None:
    assert not rule.when(seen("10:00", "99999", exchange_margin="100000"))
    assert not rule.when(seen("10:00", None, exchange_margin="100000"))


def test_without_equity_it_is_negative_equity_instead() -> None:
    assert not rule.when(seen("10:00", "100000", "0"))


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = rule.when(seen("10:00", "123456.789", exchange_margin="90000"))
    assert said.summary == "风险度123.45%，须追加保证金"
    assert list(said.facts.items()) == [
        ("风险度", "123.45%"),
        ("权益", "100,000.00元"),
        ("保证金", "123,456.789元"),
        ("交易所保证金", "90,000.00元"),
    ]
    assert (said.episode, said.provisional) == ("2026-06-01", True)


@pytest.mark.parametrize(("fell_to", "speaks"), [("95000", True), ("95000.001", False)])
def test_crossing_again_is_news_after_it_fell_five_points_below(fell_to: str, speaks: bool) -> None:
    given = told.given(seen("10:05", fell_to))
    assert happened(given.told(seen("10:10", "100000"))) == ["updated"] * speaks
    assert not told.when(seen("10:05", "150000"))


def test_the_settlement_confirms_amends_or_takes_back() -> None:
    (same,) = told.when(settled("100000", DAY, margin="100000"))
    assert (same.step.value, same.summary) == ("confirmed", "结算确认：风险度100%，须追加保证金")
    (other,) = told.when(settled("100000", DAY, margin="101000"))
    assert (other.step.value, other.summary) == ("amended", "结算更正：风险度101%，须追加保证金")
    (over,) = told.when(settled("100000", DAY, margin="99999.999"))
    assert (over.step.value, over.summary) == ("withdrawn", "按结算风险度99.99%，已不再触及")


def test_the_settlement_raises_what_no_snapshot_showed_and_says_it_once() -> None:
    given = rule.given(settled("100000", DAY, margin="100000"))
    assert steps(rule.when(settled("100000", DAY, margin="100000"))) == ["raised"]
    assert not given.when(settled("100000", DAY, margin="100000"))
    assert given.told(closed(DAY)) == []


def test_a_day_is_settled_after_the_next_days_night_session_has_begun() -> None:
    night = snapshotted(0, moment(DAY, "21:05"), equity="100000", margin="100000")
    said = told.told(night, settled("100000", DAY, margin="1"), settled("1", TOMORROW, margin="1"))
    assert [(a.type, a.data.episode) for a in said] == [
        ("alert.raised", "2026-06-02"),
        ("alert.withdrawn", "2026-06-01"),
        ("alert.confirmed", "2026-06-02"),
    ]


def test_each_threshold_moved_by_its_smallest_unit_moves_the_line() -> None:
    higher = Scenario(MarginCall.model_validate({"line": "1.00000001"}))
    assert not higher.when(seen("10:00", "100000"))
    wider = Scenario(MarginCall.model_validate({"gap": "0.05000001"}))
    fell = wider.given(seen("10:00", "100000"), seen("10:05", "95000"))
    assert fell.told(seen("10:10", "100000")) == []


def test_its_defaults_are_the_products() -> None:
    assert (MarginCall().line, MarginCall().gap) == (Decimal(1), Decimal("0.05"))
