"""强平通知: every forced-liquidation order, until it is filled, cancelled or cured."""

import pytest

from shared.contracts.trading import TradingEvent
from tests.kit.facts import (
    DAY,
    TOMORROW,
    closed,
    moment,
    ordered,
    settled,
    snapshotted,
    ticked,
)
from tests.kit.told import steps, told

RULE = "forced_liquidation"
AT, LATER, LATEST = (moment(DAY, f"10:0{n}") for n in range(3))


def test_it_is_followed_fill_by_fill() -> None:
    log = ordered(AT), ordered(LATER, 2, "partly-filled"), ordered(LATEST, 5, "filled")
    assert told(RULE, *log) == ["raised F1 1", "updated F1 2", "confirmed F1 3"]


@pytest.mark.parametrize(
    ("filled", "status", "end"),
    [
        (0, "filled", "confirmed"),
        (0, "cancelled", "withdrawn"),
        (2, "cancelled", "confirmed"),
        (0, "rejected", "withdrawn"),
    ],
)
def test_what_ends_it(filled: int, status: str, end: str) -> None:
    log = ordered(AT), ordered(LATER, filled, status)
    assert steps(RULE, *log, ordered(LATEST, 5, "filled")) == ["raised", end]


def test_first_seen_at_its_end_it_is_told_and_ended() -> None:
    assert steps(RULE, ordered(AT, 5, "filled")) == ["raised", "confirmed"]


def test_what_is_older_or_has_fewer_lots_or_says_the_same_is_passed_over() -> None:
    log = ordered(LATER, 3, "partly-filled"), ordered(AT, 4, "partly-filled")
    assert steps(RULE, *log, ordered(LATEST, 2), ordered(LATEST, 3, "partly-filled")) == ["raised"]


def test_money_that_came_after_it_cures_it_at_the_next_tick() -> None:
    log = ordered(AT), snapshotted(0, LATER)
    assert steps(RULE, *log) == ["raised"]
    assert steps(RULE, *log, ticked(LATEST), ticked(LATEST)) == ["raised", "confirmed"]
    assert steps(RULE, *log, ticked(LATEST), ordered(LATEST, 5, "filled"))[2:] == []


@pytest.mark.parametrize(
    "not_cured",
    [
        [ordered(AT), ticked(LATER)],
        [ordered(AT, reason="2"), snapshotted(9, LATER), ticked(LATER)],
        [ordered(AT), snapshotted("-0.001", LATER), ticked(LATER)],
        [snapshotted(9, AT), ordered(AT), ticked(LATER)],
        [ordered(AT), snapshotted(-9, LATEST), snapshotted(9, LATER), ticked(LATEST)],
    ],
    ids=["unknown", "another reason", "one li", "seen before", "outdated"],
)
def test_what_cures_nothing(not_cured: list[TradingEvent]) -> None:
    assert steps(RULE, *not_cured) == ["raised"]


@pytest.mark.parametrize(
    ("order", "over", "end"),
    [
        (ordered(AT), settled(9, DAY), "confirmed"),
        (ordered(AT), settled(9, DAY, available="-0.001"), "withdrawn"),
        (ordered(AT, 2, "partly-filled"), settled(9, DAY, available=-1), "confirmed"),
        (ordered(AT, reason="2"), settled(9, DAY), "withdrawn"),
        (ordered(AT, 2, "partly-filled", reason="2"), settled(9, DAY), "confirmed"),
        (ordered(AT), closed(DAY), "withdrawn"),
        (ordered(AT, 2, "partly-filled"), closed(DAY), "confirmed"),
        (ordered(AT), settled(9, TOMORROW, available=-1), "withdrawn"),
    ],
)
def test_no_order_outlives_its_day(order: TradingEvent, over: TradingEvent, end: str) -> None:
    assert steps(RULE, order, over) == ["raised", end]
    later = ordered(moment(TOMORROW, "10:00"), 5, "filled")
    assert steps(RULE, order, over, settled(9, DAY), closed(DAY), later) == ["raised", end]


def test_an_order_of_a_later_day_goes_on() -> None:
    night = ordered(moment(DAY, "21:05"))
    assert steps(RULE, night, settled(9, DAY), closed(DAY)) == ["raised"]
    assert steps(RULE, settled(9, TOMORROW), night, settled(9, DAY)) == ["raised"]


def test_an_order_of_loaded_history_is_raised_when_it_goes_on_and_never_ended() -> None:
    old = ordered(AT, backfill=True)
    assert steps(RULE, old, ordered(LATER, 2, "partly-filled")) == ["raised"]
    assert steps(RULE, old, ordered(LATER, 5, "filled")) == []
    assert steps(RULE, old, snapshotted(1, LATER), ticked(LATER)) == []
