"""首次入金, 开户未入金, 沉默客户."""

from datetime import date
from decimal import Decimal

import pytest

from shared.contracts.trading import TradingEvent
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
    snapshotted,
    took_back,
    withdrew,
)
from tests.kit.told import told

FIRST, UNFUNDED, IDLE = "first_deposit", "unfunded_account", "idle_account"
newcomer = baselined(YESTERDAY)


def june(day: int) -> date:
    return date(2026, 6, day)


def test_the_first_deposit_is_told_once() -> None:
    assert told(FIRST, newcomer, deposited(1), deposited(1)) == ["raised first 1"]
    assert told(FIRST, newcomer, settled(0, DAY), deposited(1, TOMORROW)) == ["raised first 1"]


@pytest.mark.parametrize(
    "before",
    [
        [deposited(1)],  # nobody knows yet when it was opened
        [deposited(1), newcomer],
        [newcomer, deposited(1, backfill=True)],
        [newcomer, settled("0.001", YESTERDAY)],
        [newcomer, settled(0, YESTERDAY, opening_equity=1)],
        [baselined(YESTERDAY, last_trade_on=YESTERDAY)],
        [baselined(YESTERDAY, last_position_on=YESTERDAY)],
    ],
)
def test_whoever_was_funded_before_has_no_first_deposit(before: list[TradingEvent]) -> None:
    assert not told(FIRST, *before, deposited(1))


def test_a_deposit_that_goes_back_was_none() -> None:
    log = newcomer, deposited(5), deposited(5)
    back = took_back(5, direction="deposit")
    assert told(FIRST, *log, back) == ["raised first 1"]
    again = took_back(5, direction="deposit")
    gone = told(FIRST, *log, back, again)
    assert gone == ["raised first 1", "withdrawn first 2"]
    assert told(FIRST, *log, back, again, deposited(1))[2:] == ["raised first 3"]


@pytest.mark.parametrize(
    "other",
    [took_back(5), took_back(5, TOMORROW, "deposit"), took_back(5, direction=None), withdrew(5)],
)
def test_what_takes_no_first_deposit_back(other: TradingEvent) -> None:
    assert told(FIRST, newcomer, deposited(5), other) == ["raised first 1"]


def test_what_was_funded_otherwise_is_not_cleared() -> None:
    log = newcomer, settled(5, YESTERDAY), deposited(5), took_back(5, direction="deposit")
    assert not told(FIRST, *log, deposited(5))


def test_three_to_ten_trading_days_after_opening_without_money() -> None:
    days = {june(n): bool(3 <= count <= 10) for count, n in enumerate([1, 2, 3, 4, 5], start=1)}
    assert days[june(2)] is False
    for day, speaks in days.items():
        assert told(UNFUNDED, newcomer, closed(day)) == ["raised 2026-05-29 1"] * speaks
    # 2026-06-12 is the tenth trading day after 2026-05-29
    assert told(UNFUNDED, newcomer, closed(june(12)))
    assert not told(UNFUNDED, newcomer, closed(june(15)))
    assert told(UNFUNDED, newcomer, closed(june(3)), closed(june(4))) == ["raised 2026-05-29 1"]
    assert told(UNFUNDED, newcomer, settled(0, june(3))) == ["raised 2026-05-29 1"]


def test_an_account_that_is_not_open_yet_or_was_opened_long_ago_or_is_unknown() -> None:
    assert not told(UNFUNDED, baselined(june(20)), closed(june(4)))
    assert not told(UNFUNDED, baselined(date(2018, 1, 1)), closed(june(4)))
    assert not told(UNFUNDED, settled(0, YESTERDAY), closed(june(4)))
    assert told(UNFUNDED, baselined(date(2026, 5, 31)), closed(june(3)))  # a Sunday


@pytest.mark.parametrize(
    "funding",
    [
        deposited(1, june(4)),
        settled(1, june(4)),
        settled(0, june(4), opening_equity=1),
        baselined(YESTERDAY, june(4), last_trade_on=june(3)),
    ],
)
def test_money_takes_it_back(funding: TradingEvent) -> None:
    log = newcomer, closed(june(3)), funding, closed(june(4))
    assert told(UNFUNDED, *log) == ["raised 2026-05-29 1", "withdrawn 2026-05-29 2"]
    assert not told(UNFUNDED, newcomer, funding, closed(june(4)))


def test_what_is_loaded_later_takes_nothing_back() -> None:
    log = newcomer, closed(june(3)), deposited(1, june(4), backfill=True), closed(june(4))
    assert told(UNFUNDED, *log, settled(5, june(4))) == ["raised 2026-05-29 1"]


def test_when_the_money_goes_back_it_is_told_again() -> None:
    log = newcomer, closed(june(3)), deposited(1, june(4)), took_back(1, june(4), "deposit")
    assert told(UNFUNDED, *log, closed(june(4)))[2:] == ["raised 2026-05-29 3"]


def test_the_days_of_unfunded_account_count() -> None:
    log = newcomer, closed(june(3))
    assert not told(UNFUNDED, *log, unfunded_from=4)
    assert not told(UNFUNDED, newcomer, closed(june(12)), unfunded_to=9)


# 沉默客户: of 2026-06-01 the 30th trading day after is 07-14, the 35th 07-21, the 40th 07-28,
# the 44th 08-03.
traded = baselined(date(2018, 1, 1), last_trade_on=DAY)
quiet = traded, settled("1000.001", TOMORROW)
D29, D30, D34, D35 = (date(2026, 7, n) for n in (13, 14, 20, 21))
D40, D44, D45 = date(2026, 7, 28), date(2026, 8, 3), date(2026, 8, 4)


def test_it_is_told_in_three_weeks() -> None:
    days = D29, D30, D34, D35, D40, D44, D45
    assert told(IDLE, *quiet, *map(closed, days)) == [
        "raised 2026-06-01 1",
        "updated 2026-06-01 2",
        "updated 2026-06-01 3",
    ]
    assert not told(IDLE, *quiet, closed(D29))
    assert told(IDLE, *quiet, closed(D44)) == ["raised 2026-06-01 1"]
    assert not told(IDLE, *quiet, closed(D45))
    assert told(IDLE, *quiet, settled(5_000, D30)) == ["raised 2026-06-01 1"]


@pytest.mark.parametrize(
    "known",
    [
        [traded],
        [traded, settled(1_000, TOMORROW)],
        [settled(5_000, TOMORROW)],
        [*quiet, settled(5_000, TOMORROW, position_lots=1)],
        [*quiet, settled(5_000, TOMORROW, position_lots=1), settled(5_000, DAY, position_lots=0)],
        [baselined(date(2018, 1, 1), last_trade_on=date(2018, 2, 1)), settled(5_000, TOMORROW)],
    ],
)
def test_who_is_not_idle(known: list[TradingEvent]) -> None:
    assert not told(IDLE, *known, closed(D30))


@pytest.mark.parametrize(
    "trade",
    [
        settled(5_000, D34, traded_lots=1),
        ordered(moment(D34, "10:00"), 1, "partly-filled"),
        baselined(date(2018, 1, 1), D34, last_trade_on=D30),
    ],
)
def test_a_trade_takes_it_back(trade: TradingEvent) -> None:
    log = *quiet, closed(D30), trade, closed(D35)
    assert told(IDLE, *log) == ["raised 2026-06-01 1", "withdrawn 2026-06-01 2"]


def test_what_is_no_trade_takes_nothing_back() -> None:
    log = ordered(moment(D34, "10:00")), snapshotted(5, moment(D34, "10:00"))
    more = settled(5_000, D34, position_lots=1), deposited(5, D34)
    assert told(IDLE, *quiet, closed(D30), *log, *more) == ["raised 2026-06-01 1"]


@pytest.mark.parametrize("moved", [{"idle_days": 31}, {"idle_equity": Decimal("1000.001")}])
def test_each_threshold_of_idle_account_counts(moved: dict[str, int]) -> None:
    assert told(IDLE, *quiet, closed(D30))
    assert not told(IDLE, *quiet, closed(D30), **moved)


def test_the_weeks_count() -> None:
    assert told(IDLE, *quiet, closed(D30), closed(D34), idle_week=4)[1:] == ["updated 2026-06-01 2"]
    assert not told(IDLE, *quiet, closed(D44), idle_weeks=2)
