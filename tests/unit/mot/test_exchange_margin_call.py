"""交易所风险: the exchange's margin ÷ equity at 100 %; the rest is as in 保证金占用."""

from decimal import Decimal
from typing import Any

import pytest

from services.mot.domain.detectors.exchange_margin_call import ExchangeMarginCall
from services.mot.domain.events import AccountSnapshotted
from tests.kit.events import DAY, TOMORROW, closed, moment, settled, snapshotted
from tests.kit.scenario import Scenario, happened, steps

rule = Scenario(ExchangeMarginCall())


def seen(at: str, exchange: str | None, equity: str = "100000", **given: Any) -> AccountSnapshotted:
    given = {"margin": "125000", **given}
    return snapshotted(0, moment(DAY, at), equity=equity, exchange_margin=exchange, **given)


told = rule.given(seen("10:00", "100000"))


def test_reaching_the_line_counts_and_one_li_less_does_not() -> None:
    assert steps(rule.when(seen("10:00", "100000"))) == ["raised"]
    assert not rule.when(seen("10:00", "99999.999"))
    assert not rule.when(seen("10:00", "100000", "100000.001"))


def test_the_brokers_margin_does_not_matter_not_even_unknown() -> None:
    assert not rule.when(seen("10:00", "99999", margin="500000"))
    assert steps(rule.when(seen("10:00", "100000", margin=None))) == ["raised"]


def test_a_margin_that_the_source_does_not_tell_is_not_judged() -> None:
    assert not rule.when(seen("10:00", None))
    assert told.told(settled("100000", DAY, margin="125000")) == []


def test_without_equity_there_is_no_ratio() -> None:
    assert not rule.when(seen("10:00", "100000", "0"))


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = rule.when(seen("10:00", "101239"))
    assert said.summary == "交易所风险度101.23%，可能被强平"
    assert list(said.facts.items()) == [
        ("交易所风险度", "101.23%"),
        ("权益", "100,000.00元"),
        ("保证金", "125,000.00元"),
        ("交易所保证金", "101,239.00元"),
    ]
    (unknown,) = rule.when(seen("10:00", "101239", margin=None))
    assert unknown.facts["保证金"] == "未知"


@pytest.mark.parametrize(("fell_to", "speaks"), [("95000", True), ("95000.001", False)])
def test_crossing_again_is_news_after_it_fell_five_points_below(fell_to: str, speaks: bool) -> None:
    given = told.given(seen("10:05", fell_to))
    assert happened(given.told(seen("10:10", "100000"))) == ["updated"] * speaks
    assert not told.when(seen("10:05", "150000"))


def test_the_settlement_confirms_amends_or_takes_back_by_the_exchanges_ratio() -> None:
    (same,) = told.when(settled("100000", DAY, margin="1", exchange_margin="100000"))
    assert (same.step.value, same.summary) == (
        "confirmed",
        "结算确认：交易所风险度100%，可能被强平",
    )
    (other,) = told.when(settled("100000", DAY, margin="1", exchange_margin="101000"))
    assert (other.step.value, other.summary) == (
        "amended",
        "结算更正：交易所风险度101%，可能被强平",
    )
    (over,) = told.when(settled("100000", DAY, margin="125000", exchange_margin="90000"))
    assert (over.step.value, over.summary) == ("withdrawn", "按结算交易所风险度90%，已不再触及")


def test_the_settlement_raises_what_no_snapshot_showed_and_says_it_once() -> None:
    last = settled("100000", DAY, exchange_margin="100000")
    assert steps(rule.when(last)) == ["raised"]
    assert not rule.given(last).when(last)
    assert rule.given(last).told(closed(DAY)) == []


def test_a_day_is_settled_after_the_next_days_night_session_has_begun() -> None:
    night = snapshotted(0, moment(DAY, "21:05"), equity="100000", exchange_margin="100000")
    said = told.told(
        night,
        settled("100000", DAY, exchange_margin="1"),
        settled("100000", TOMORROW, exchange_margin="100000"),
    )
    assert [(a.type, a.data.episode) for a in said] == [
        ("alert.raised", "2026-06-02"),
        ("alert.withdrawn", "2026-06-01"),
        ("alert.confirmed", "2026-06-02"),
    ]


def test_each_threshold_moved_by_its_smallest_unit_moves_the_line() -> None:
    higher = Scenario(ExchangeMarginCall.model_validate({"line": "1.00000001"}))
    assert not higher.when(seen("10:00", "100000"))
    wider = Scenario(ExchangeMarginCall.model_validate({"gap": "0.05000001"}))
    fell = wider.given(seen("10:00", "100000"), seen("10:05", "95000"))
    assert fell.told(seen("10:10", "100000")) == []


def test_its_defaults_are_the_products() -> None:
    detector = ExchangeMarginCall()
    assert (detector.line, detector.gap) == (Decimal(1), Decimal("0.05"))
