"""休眠重激活: a trade of an account that the last 认定日 found dormant.

The usual client opened in 2018, last traded in January 2024, holds nothing and has 800 元 left. On
2026-06-01 the last judgement day is 2026-05-15: the year before it begins on 2025-05-15.
"""

from datetime import date

import pytest

from services.mot.domain.detectors.dormancy_reactivation import (
    DormancyReactivation,
    last_judgement_day,
)
from services.mot.domain.events import TradingEvent
from shared.kernel.trading_day import china
from tests.kit.events import (
    DAY,
    TOMORROW,
    YESTERDAY,
    baselined,
    closed,
    moment,
    ordered,
    settled,
    withdrew,
)
from tests.kit.scenario import Scenario, happened, steps

OPENED, TRADED = date(2018, 3, 12), date(2024, 1, 5)
rule = Scenario(DormancyReactivation())
usual = baselined(OPENED, TRADED, TRADED)
dormant = rule.given(usual, settled("800", YESTERDAY))
trade = settled("50000", DAY, traded_lots=1)


def test_a_trade_of_a_dormant_account_is_told() -> None:
    assert steps(dormant.when(trade)) == ["raised"]
    assert not dormant.when(settled("50000", DAY, traded_lots=0))
    assert not dormant.when(settled("50000", DAY))


def test_a_fill_of_a_forced_order_is_a_trade_and_an_open_order_is_none() -> None:
    assert steps(dormant.when(ordered(moment(DAY, "10:00"), 1, "partly-filled"))) == ["raised"]
    assert not dormant.when(ordered(moment(DAY, "10:00")))


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = dormant.when(trade)
    assert said.summary == "休眠客户重新交易"
    assert list(said.facts.items()) == [
        ("上次交易", "2024-01-05"),
        ("开户日", "2018-03-12"),
        ("交易日", "2026-06-01"),
    ]
    assert (said.episode, said.provisional) == ("2026-06-01", False)
    never = rule.given(baselined(OPENED), settled("800", YESTERDAY))
    assert never.when(trade)[0].facts["上次交易"] == "无记录"


def test_it_is_told_once_and_never_taken_back() -> None:
    awake = dormant.given(trade)
    assert awake.told(trade, settled("50000", TOMORROW, traded_lots=5), closed(TOMORROW)) == []
    assert awake.told(settled("50000", DAY, traded_lots=0)) == []


@pytest.mark.parametrize(
    ("opened", "traded", "held", "speaks"),
    [
        (date(2025, 5, 15), None, None, True),  # opened on that day counts as one year
        (date(2025, 5, 16), None, None, False),
        (OPENED, date(2025, 5, 14), None, True),
        (OPENED, date(2025, 5, 15), None, False),  # the day exactly one year before is within it
        (OPENED, None, date(2025, 5, 14), True),
        (OPENED, None, date(2025, 5, 15), False),
        (OPENED, None, None, True),
    ],
)
def test_the_year_before_the_judgement_day_includes_its_first_day(
    opened: date, traded: date | None, held: date | None, speaks: bool
) -> None:
    given = rule.given(baselined(opened, traded, held), settled("800", YESTERDAY))
    assert steps(given.when(trade)) == ["raised"] * speaks


@pytest.mark.parametrize(
    ("equity", "speaks"), [("1000", True), ("1000.001", False), ("-5", True), ("90000", False)]
)
def test_at_most_a_thousand_is_little(equity: str, speaks: bool) -> None:
    given = rule.given(usual, settled(equity, YESTERDAY))
    assert steps(given.when(trade)) == ["raised"] * speaks


def test_the_lowest_settled_equity_since_the_last_trade_counts() -> None:
    funded = dormant.given(settled("90000", DAY))
    assert steps(funded.when(settled("90000", TOMORROW, traded_lots=1))) == ["raised"]
    awake = dormant.given(settled("50000", DAY, traded_lots=1))
    assert not awake.when(settled("1", TOMORROW, traded_lots=1))


def test_the_trades_own_settlement_is_no_evidence_of_dormancy() -> None:
    assert not rule.given(usual).when(settled("800", DAY, traded_lots=1))


@pytest.mark.parametrize("known", [[settled("800", YESTERDAY)], [usual], []])
def test_of_an_account_it_does_not_know_well_it_stays_silent(
    known: list[TradingEvent],
) -> None:
    assert not rule.given(*known).when(trade)


def test_a_position_within_the_year_keeps_it_awake() -> None:
    held = rule.given(
        usual, settled("800", date(2025, 6, 16), position_lots=1), settled("800", YESTERDAY)
    )
    assert not held.when(trade)


def test_a_trade_before_the_last_known_one_is_no_news() -> None:
    given = rule.given(usual, settled("800", DAY))
    assert not given.when(settled("800", date(2023, 12, 29), traded_lots=1))


def test_a_baseline_that_tells_of_a_trade_is_no_trade_of_today() -> None:
    assert not dormant.given(baselined(OPENED, YESTERDAY)).when(settled("800", DAY))
    assert dormant.told(baselined(OPENED, DAY, day=DAY)) == []


@pytest.mark.parametrize(
    ("today", "judged"),
    [
        ("2026-06-12", "2026-05-15"),
        ("2026-06-15", "2026-06-15"),
        ("2026-06-16", "2026-06-15"),
        ("2026-08-14", "2026-07-15"),
        ("2026-08-17", "2026-08-17"),  # the 15th is a Saturday
        ("2026-01-05", "2025-12-15"),
        ("2026-02-24", "2026-02-24"),  # after the Spring Festival
    ],
)
def test_the_judgement_day_most_recently_passed(today: str, judged: str) -> None:
    assert f"{last_judgement_day(china(), date.fromisoformat(today))}" == judged


def test_a_day_that_is_settled_late_is_told_when_its_settlement_comes() -> None:
    given = dormant.given(withdrew("1", TOMORROW))
    assert happened(given.told(trade)) == ["raised"]


def test_backfilled_history_says_nothing_and_still_wakes_the_account() -> None:
    old = settled("50000", DAY, traded_lots=1, backfill=True)
    assert dormant.told(old, settled("50000", TOMORROW, traded_lots=1)) == []


def test_a_rehearsal_wakes_nobody() -> None:
    rehearsed = settled("50000", DAY, traded_lots=1, rehearsal=True)
    assert happened(dormant.told(rehearsed, trade)) == ["raised"]


def test_each_threshold_moved_by_its_smallest_unit_moves_the_line() -> None:
    poorer = Scenario(DormancyReactivation.model_validate({"equity": "799.999"}))
    assert not poorer.given(usual, settled("800", YESTERDAY)).when(trade)
    longer = Scenario(DormancyReactivation(years=3))
    assert not longer.given(usual, settled("800", YESTERDAY)).when(trade)
    assert (
        Scenario(DormancyReactivation(years=2)).given(usual, settled("800", YESTERDAY)).when(trade)
    )


def test_its_defaults_are_the_products() -> None:
    assert DormancyReactivation().thresholds() == {"equity": "1000", "years": "1"}
