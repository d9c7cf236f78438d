"""临近休眠 and 休眠重激活.

The usual client opened in 2018, traded last in January 2024 and has 800 元. The coming judgement
day is 2026-06-15: 2026-06-01 is ten trading days before it, 2026-06-10 three. The one before it was
2026-05-15.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.trading import TradingEvent
from shared.kernel.trading_day import china
from tests.kit.facts import (
    DAY,
    TOMORROW,
    YESTERDAY,
    baselined,
    closed,
    deposited,
    moment,
    ordered,
    settled,
    took_back,
    withdrew,
)
from tests.kit.oracle.case import years_before
from tests.kit.oracle.dormancy import judged_last
from tests.kit.told import steps, told

NEAR, WOKEN = "near_dormancy", "dormancy_reactivation"
OPENED, TRADED = date(2018, 3, 12), date(2024, 1, 5)
THREE_BEFORE, JUDGEMENT = date(2026, 6, 10), date(2026, 6, 15)
usual = baselined(OPENED, last_trade_on=TRADED, last_position_on=TRADED)
idle = usual, settled(800, YESTERDAY)
RAISED = "raised 2026-06-15 1"


def test_it_is_told_ten_and_three_trading_days_before() -> None:
    days = [day for day in china().days if YESTERDAY <= day <= JUDGEMENT]
    said = [RAISED, "updated 2026-06-15 2"]
    assert told(NEAR, *idle, *map(closed, days)) == said
    assert told(NEAR, *idle, closed(YESTERDAY)) == []
    assert told(NEAR, *idle, closed(DAY), closed(THREE_BEFORE)) == said
    assert told(NEAR, *idle, closed(THREE_BEFORE)) == [RAISED]
    assert told(NEAR, *idle, closed(date(2026, 7, 1))) == ["raised 2026-07-15 1"]


def test_the_accounts_own_settlement_judges_it_too() -> None:
    log = *idle, settled(800, DAY)
    assert told(NEAR, *log) == [RAISED]
    assert told(NEAR, *log, closed(DAY)) == [RAISED]
    late = usual, settled(800, date(2026, 7, 2), opening_equity=800), settled(800, DAY)
    assert told(NEAR, *late) == ["raised 2026-07-15 1"]


@pytest.mark.parametrize(
    ("opened", "traded", "held", "equity", "speaks"),
    [
        ("2025-06-15", None, None, "1000", True),
        ("2025-06-16", None, None, "1000", False),
        ("2018-03-12", "2025-06-14", None, "0", True),
        ("2018-03-12", "2025-06-15", None, "0", False),
        ("2018-03-12", None, "2025-06-14", "-5", True),
        ("2018-03-12", None, "2025-06-15", "-5", False),
        ("2018-03-12", None, None, "1000.001", False),
    ],
)
def test_what_dormant_means(
    opened: str, traded: str | None, held: str | None, equity: str, speaks: bool
) -> None:
    past: dict[str, Any] = {"last_trade_on": traded, "last_position_on": held}
    log = baselined(date.fromisoformat(opened), **past), settled(equity, YESTERDAY), closed(DAY)
    assert told(NEAR, *log) == [RAISED] * speaks


@pytest.mark.parametrize(
    "known",
    [
        [usual],
        [settled(800, YESTERDAY)],
        [*idle, settled(800, YESTERDAY, position_lots=1)],
        [usual, settled(8, date(2025, 1, 10), position_lots=1), settled(8, YESTERDAY)],
        [usual, settled(8, date(2025, 6, 16), position_lots=1), settled(8, DAY, position_lots=0)],
        [*idle, settled(800, DAY), settled(800, YESTERDAY, traded_lots=1)],
        [*idle, baselined(OPENED, last_trade_on=date(2025, 6, 15)), baselined(OPENED)],
        [*idle, deposited("200.001")],
    ],
)
def test_who_is_not_near_it(known: list[TradingEvent]) -> None:
    said = told(NEAR, *known, closed(TOMORROW))
    assert said in ([], [RAISED, "withdrawn 2026-06-15 2"])


def test_money_on_its_way_counts_and_money_on_its_way_out_does_not() -> None:
    rich = usual, settled("1000.001", YESTERDAY), withdrew(500)
    assert not told(NEAR, *rich, closed(DAY))
    through = *idle, deposited(5_000), withdrew(4_800)
    assert told(NEAR, *through, closed(DAY)) == [RAISED]
    assert told(NEAR, *through, closed(DAY), took_back(4_800))[1:] == ["withdrawn 2026-06-15 2"]


@pytest.mark.parametrize(
    "awake",
    [
        deposited("200.001", TOMORROW),
        settled(800, TOMORROW, traded_lots=1),
        settled(800, TOMORROW, position_lots=1),
        settled("1000.001", TOMORROW),
        ordered(moment(TOMORROW, "10:00"), 1, "partly-filled"),
        baselined(OPENED, TOMORROW, last_trade_on=date(2025, 6, 15)),
    ],
)
def test_whatever_makes_it_not_near_takes_it_back(awake: TradingEvent) -> None:
    log = *idle, closed(DAY), awake
    assert told(NEAR, *log) == [RAISED, "withdrawn 2026-06-15 2"]
    assert told(NEAR, *log, closed(TOMORROW)) == [RAISED, "withdrawn 2026-06-15 2"]


def test_it_is_raised_again_when_the_deposit_goes_back() -> None:
    log = closed(DAY), deposited(5_000, TOMORROW), took_back(5_000, TOMORROW, "deposit")
    assert told(NEAR, *idle, *log, closed(TOMORROW))[2:] == ["raised 2026-06-15 3"]


def test_after_the_judgement_day_nothing_is_taken_back() -> None:
    assert steps(NEAR, *idle, closed(DAY), deposited(5_000, JUDGEMENT)) == ["raised", "withdrawn"]
    assert steps(NEAR, *idle, closed(DAY), deposited(5_000, date(2026, 6, 16))) == ["raised"]


@pytest.mark.parametrize(
    "moved",
    [{"equity": Decimal("799.999")}, {"years": 3}, {"raise_before": 9}],
)
def test_each_threshold_of_near_dormancy_counts(moved: dict[str, Any]) -> None:
    assert not told(NEAR, *idle, closed(DAY), **moved)


def test_the_reminder_counts() -> None:
    log = *idle, closed(DAY), closed(THREE_BEFORE)
    assert steps(NEAR, *log, remind_before=2) == ["raised"]


def test_a_dormant_account_that_trades_is_told_once() -> None:
    trade = settled(700, DAY, traded_lots=1)
    assert told(WOKEN, *idle, trade) == ["raised 2026-06-01 1"]
    more = settled(700, DAY, traded_lots=2), settled(700, TOMORROW, traded_lots=1)
    assert told(WOKEN, *idle, trade, *more) == ["raised 2026-06-01 1"]
    fill = ordered(moment(DAY, "10:00"), 1, "partly-filled")
    assert told(WOKEN, *idle, fill, trade) == ["raised 2026-06-01 1"]
    assert not told(WOKEN, *idle, ordered(moment(DAY, "10:00")), settled(700, DAY, traded_lots=0))


@pytest.mark.parametrize(
    ("opened", "traded", "held", "speaks"),
    [
        (OPENED, None, None, True),
        (date(2025, 5, 15), None, None, True),
        (date(2025, 5, 16), None, None, False),
        (OPENED, date(2025, 5, 14), None, True),
        (OPENED, date(2025, 5, 15), None, False),
        (OPENED, None, date(2025, 5, 14), True),
        (OPENED, None, date(2025, 5, 15), False),
    ],
)
def test_it_was_dormant_by_the_last_judgement_day(
    opened: date, traded: date | None, held: date | None, speaks: bool
) -> None:
    past = baselined(opened, last_trade_on=traded, last_position_on=held)
    trade = settled(700, DAY, traded_lots=1)
    assert told(WOKEN, past, settled(800, YESTERDAY), trade) == ["raised 2026-06-01 1"] * speaks


def test_on_a_judgement_day_that_day_decides() -> None:
    past = baselined(OPENED, last_trade_on=date(2025, 6, 14))
    trade = settled(700, JUDGEMENT, traded_lots=1)
    assert told(WOKEN, past, settled(800, date(2026, 6, 12)), trade)
    before = settled(700, date(2026, 6, 12), traded_lots=1)
    assert not told(WOKEN, past, settled(800, date(2026, 6, 11)), before)


@pytest.mark.parametrize(
    ("equities", "speaks"),
    [
        ([], False),
        ([("2026-05-29", "1000")], True),
        ([("2026-05-29", "1000.001")], False),
        ([("2026-05-28", "1000"), ("2026-05-29", "90000")], True),  # funded in order to trade
        ([("2024-01-05", "1000"), ("2026-05-29", "90000")], False),  # poor on the day it traded
    ],
)
def test_it_was_poor_at_some_settlement_since_its_last_trade(
    equities: list[tuple[str, str]], speaks: bool
) -> None:
    known = [settled(equity, date.fromisoformat(day)) for day, equity in equities]
    assert (
        told(WOKEN, usual, *known, settled(500, DAY, traded_lots=1))
        == ["raised 2026-06-01 1"] * speaks
    )


def test_a_past_that_is_told_late_counts_as_if_it_had_been_known() -> None:
    late = usual, ordered(moment(DAY, "10:00"), 1, "partly-filled")
    assert told(WOKEN, settled(800, YESTERDAY), *late) == ["raised 2026-06-01 1"]
    corrected = settled(800, YESTERDAY), settled(9_000, YESTERDAY)
    assert told(WOKEN, *corrected, *late) == ["raised 2026-06-01 1"]  # poor, as it was told


def test_a_settlement_that_comes_late_raises_nothing() -> None:
    log = *idle, settled(800, TOMORROW), settled(800, DAY, traded_lots=1)
    assert not told(WOKEN, *log)


@pytest.mark.parametrize("moved", [{"woken_equity": Decimal("799.999")}, {"woken_years": 3}])
def test_each_threshold_of_reactivation_counts(moved: dict[str, Any]) -> None:
    assert not told(WOKEN, *idle, settled(700, DAY, traded_lots=1), **moved)


@pytest.mark.parametrize(
    ("day", "last"),
    [
        ("2026-06-01", "2026-05-15"),
        ("2026-06-14", "2026-05-15"),
        ("2026-06-15", "2026-06-15"),
        ("2026-08-14", "2026-07-15"),
        ("2026-08-16", "2026-07-15"),  # the 15th is a Saturday
        ("2026-08-17", "2026-08-17"),
        ("2026-01-05", "2025-12-15"),
    ],
)
def test_the_last_judgement_day(day: str, last: str) -> None:
    assert judged_last(china(), date.fromisoformat(day)).isoformat() == last


def test_a_year_before_a_leap_day() -> None:
    assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert years_before(date(2024, 2, 29), 4) == date(2020, 2, 29)
