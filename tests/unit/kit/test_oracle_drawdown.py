"""单日回撤: more than a fifth of what the day began with and what came in."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.kit.facts import (
    DAY,
    TOMORROW,
    YESTERDAY,
    closed,
    deposited,
    moment,
    settled,
    snapshotted,
    took_back,
    withdrew,
)
from tests.kit.told import steps, told

RULE = "daily_drawdown"
opened = settled(100_000, YESTERDAY)


def at(hour: str, day: date = DAY) -> datetime:
    return moment(day, hour)


ten, eleven = at("10:00"), at("11:00")


def test_a_fifth_is_not_yet_more_than_a_fifth() -> None:
    assert told(RULE, opened, snapshotted("79999.999", ten)) == ["raised 2026-06-01 1"]
    assert not told(RULE, opened, snapshotted(80_000, ten))
    assert not told(RULE, snapshotted(1, ten))  # nobody knows what the day began with
    assert not told(RULE, settled(0, YESTERDAY), snapshotted(-5, ten))


def test_movements_of_money_are_neither_a_fall_nor_a_cure() -> None:
    assert not told(RULE, opened, withdrew(90_000), snapshotted(10_000, ten))
    came = deposited(100_000)
    assert steps(RULE, opened, came, snapshotted(159_999, ten)) == ["raised"]
    assert not told(RULE, opened, came, snapshotted(160_000, ten))
    back = took_back(90_000, direction="deposit")
    assert not told(RULE, opened, came, back, snapshotted(88_000, ten))


def test_what_the_snapshot_says_of_movements_goes_first() -> None:
    assert not told(RULE, opened, snapshotted(10_000, ten, withdrawal=90_000))
    out = withdrew(90_000)
    assert steps(RULE, opened, out, snapshotted(10_000, ten, withdrawal=0)) == ["raised"]
    assert steps(RULE, opened, snapshotted(159_999, ten, deposit=100_000)) == ["raised"]


def test_intraday_it_is_told_once() -> None:
    log = snapshotted(50_000, ten), snapshotted(100_000, eleven), snapshotted(9, at("11:20"))
    assert steps(RULE, opened, *log) == ["raised"]


def test_an_outdated_snapshot_and_a_settled_day_say_nothing() -> None:
    assert not told(RULE, opened, snapshotted(100_000, eleven), snapshotted(9, ten))
    assert not told(RULE, opened, settled(90_000, DAY), snapshotted(9, ten))


@pytest.mark.parametrize(
    ("equity", "step"),
    [
        ("75000", "confirmed"),
        ("74995", "confirmed"),  # 25.005 %: the same basis points
        ("75000.001", "amended"),  # 24.99 %
        ("74990", "amended"),
        ("80000", "withdrawn"),
    ],
)
def test_the_settlement_has_the_last_word(equity: str, step: str) -> None:
    log = opened, snapshotted(75_000, ten), settled(equity, DAY)
    assert steps(RULE, *log) == ["raised", step]


def test_the_settlement_may_say_what_the_day_began_with() -> None:
    log = opened, snapshotted(75_000, ten), settled(75_000, DAY, opening_equity=90_000)
    assert steps(RULE, *log) == ["raised", "withdrawn"]


def test_only_the_settlement_may_find_it() -> None:
    found = settled(70_000, DAY)
    assert steps(RULE, opened, found, found, settled(70_000, DAY)) == ["raised"]
    again = [settled(90_000, DAY), settled(60_000, DAY)]
    assert told(RULE, opened, found, *again) == [
        "raised 2026-06-01 1",
        "withdrawn 2026-06-01 2",
        "raised 2026-06-01 3",
    ]
    assert steps(RULE, opened, found, settled(60_000, DAY)) == ["raised", "amended"]


def test_an_older_settlement_has_the_last_word_on_its_own_day() -> None:
    overtaken = opened, snapshotted(70_000, ten), settled(100_000, TOMORROW)
    assert steps(RULE, *overtaken, settled(70_000, DAY)) == ["raised", "confirmed"]
    assert steps(RULE, *overtaken, settled(60_000, DAY)) == ["raised", "amended"]
    assert steps(RULE, *overtaken, settled(90_000, DAY)) == ["raised", "withdrawn"]


def test_what_no_settlement_has_judged_expires_at_its_days_close() -> None:
    found = opened, snapshotted(70_000, ten)
    assert steps(RULE, *found, closed(YESTERDAY)) == ["raised"]
    assert steps(RULE, *found, closed(DAY), closed(DAY)) == ["raised", "withdrawn"]
    assert steps(RULE, *found, settled(70_000, DAY), closed(DAY)) == ["raised", "confirmed"]


def test_the_share_counts() -> None:
    log = opened, snapshotted("79999.999", ten)
    assert not told(RULE, *log, drawdown_share=Decimal("0.21"))
