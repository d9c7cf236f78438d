"""大额出金, 大额入金: line = min(500万, max(50万, half of the day's opening equity))."""

from datetime import date
from decimal import Decimal

import pytest

from shared.contracts.trading import TradingEvent
from tests.kit.facts import DAY, TOMORROW, YESTERDAY, deposited, settled, took_back, withdrew
from tests.kit.told import steps, told

OUT, IN = "large_withdrawal", "large_deposit"
AFTER_TOMORROW = date(2026, 6, 3)
middling = settled(2_000_000, YESTERDAY)  # the line is 1,000,000


@pytest.mark.parametrize(
    ("opening", "line", "just_under"),
    [
        ("20000000", "5000000", "4999999.999"),
        ("2000000", "1000000", "999999.999"),
        ("1000000.001", "500000.001", "500000"),  # half a 厘 is rounded up
        ("0", "500000", "499999.999"),
        ("-9000000", "500000", "499999.999"),
    ],
)
def test_reaching_the_line_counts(opening: str, line: str, just_under: str) -> None:
    given = settled(opening, YESTERDAY)
    assert steps(OUT, given, withdrew(line)) == ["raised"]
    assert steps(OUT, given, withdrew(just_under)) == []
    assert steps(IN, given, deposited(line)) == ["raised"]
    assert steps(IN, given, deposited(just_under)) == []


def test_the_multiples_are_those_of_the_rounded_line() -> None:
    given = settled("1000000.001", YESTERDAY)  # the line is 500,000.001
    assert steps(OUT, given, withdrew("500000.001"), withdrew("500000")) == ["raised"]
    assert steps(OUT, given, withdrew("500000.001"), withdrew("500000.001"))[1:] == ["updated"]


def test_rising_further_is_updated_once_an_event_and_falling_back_to_none_withdrawn() -> None:
    log = withdrew(1_000_000), withdrew(2_500_000), took_back(500_000), took_back(2_000_001)
    assert told(OUT, middling, *log, withdrew(1)) == [
        "raised 2026-06-01 1",
        "updated 2026-06-01 2",
        "withdrawn 2026-06-01 3",
        "raised 2026-06-01 4",
    ]


def test_a_multiple_that_was_lost_and_is_reached_again_is_told_again() -> None:
    log = withdrew(2_000_000), took_back(1), withdrew(1)
    assert steps(OUT, middling, *log) == ["raised", "updated"]


def test_each_direction_has_its_own_sum_and_its_own_reversals() -> None:
    back = took_back(1, direction="deposit")
    assert steps(OUT, middling, withdrew(1_000_000), deposited(5_000_000), back) == ["raised"]
    assert steps(IN, middling, deposited(1_000_000), withdrew(5), back) == ["raised", "withdrawn"]
    nobody_knows = took_back(1, direction=None)
    assert steps(OUT, middling, withdrew(1_000_000), nobody_knows) == ["raised"]
    assert steps(IN, middling, deposited(1_000_000), nobody_knows) == ["raised"]


@pytest.mark.parametrize(
    ("meanwhile", "opening", "step"),
    [
        ([], 2_000_000, ["confirmed"]),
        ([withdrew(1)], 2_000_000, ["amended"]),  # the sum is not the one last told
        ([], 2_000_002, ["withdrawn"]),
        ([], 1_000_000, ["confirmed"]),  # the double of the new line, and the same sum
    ],
)
def test_the_days_settlement_has_the_last_word(
    meanwhile: list[TradingEvent], opening: int, step: list[str]
) -> None:
    log = [middling, withdrew(1_000_000), *meanwhile]
    said = steps(OUT, *log, settled(5, DAY, opening_equity=opening))
    assert said == ["raised", *step]


def test_a_settlement_speaks_once() -> None:
    log = middling, withdrew(1_000_000), settled(1, DAY, opening_equity=2_000_000)
    again = settled(2, DAY, opening_equity=2_000_000)
    assert steps(OUT, *log, again) == ["raised", "confirmed"]
    over = settled(2, DAY, opening_equity=3_000_000)
    assert told(OUT, *log, over, again)[2:] == ["withdrawn 2026-06-01 3", "raised 2026-06-01 4"]


def test_a_replacement_speaks_of_another_figure_than_the_one_told() -> None:
    log = middling, withdrew(1_000_000), settled(1, DAY, opening_equity=2_000_000), withdrew(1)
    again = settled(1, DAY, opening_equity=2_000_000)
    assert steps(OUT, *log, again, settled(1, DAY)) == ["raised", "confirmed", "amended"]


def test_what_only_the_settlement_finds_is_raised_by_it_and_final() -> None:
    log = withdrew(600_000, backfill=True), settled(5, DAY)
    assert steps(OUT, *log, settled(5, DAY)) == ["raised"]


def test_a_movement_of_a_settled_day_is_told_and_is_final() -> None:
    log = middling, settled(5, DAY, opening_equity=2_000_000)
    late = withdrew(1_000_000), withdrew(1_000_000)
    assert steps(OUT, *log, *late, settled(5, DAY)) == ["raised", "updated"]
    assert steps(OUT, *log, *late, took_back(2_000_000)) == ["raised", "updated", "withdrawn"]


def test_another_opening_of_a_later_day_is_judged_as_by_a_movement() -> None:
    night = withdrew(1_000_000, TOMORROW)
    given = middling, night
    assert told(OUT, *given, settled("2000000.002", DAY)) == [
        "raised 2026-06-02 1",
        "withdrawn 2026-06-02 2",
    ]
    assert steps(OUT, *given, settled(1_000_000, DAY)) == ["raised", "updated"]
    poorer = settled(1_000_000, DAY)
    assert steps(OUT, settled(4_000_000, YESTERDAY), night, poorer) == ["raised"]


def test_a_settlement_that_comes_late_changes_the_day_after_it_only_without_an_opening() -> None:
    moved = withdrew(1_000_000, TOMORROW)
    told_opening = settled(1, TOMORROW, opening_equity=2_000_000)
    assert steps(OUT, moved, told_opening, settled(9_000_000, DAY)) == ["raised", "confirmed"]
    untold = settled(1, TOMORROW)
    assert steps(OUT, moved, untold, settled(9_000_000, DAY))[2:] == ["withdrawn"]


def test_a_replacement_that_states_no_opening_leaves_the_one_told() -> None:
    log = settled(1, DAY, opening_equity=2_000_000), settled(1, DAY), withdrew(999_999)
    assert steps(OUT, *log) == []
    assert steps(OUT, *log, withdrew(1)) == ["raised"]


def test_each_day_stands_alone() -> None:
    log = withdrew(499_999), withdrew(499_999, TOMORROW), withdrew(1, AFTER_TOMORROW)
    assert steps(OUT, *log) == []


@pytest.mark.parametrize(
    ("moved", "opening"),
    [
        ({"limit": "5000000.001"}, "90000000"),
        ({"floor": "500000.001"}, "1"),
        ({"share": "0.500000001"}, "2000000"),
    ],
)
def test_each_threshold_counts(moved: dict[str, str], opening: str) -> None:
    lines = {name: Decimal(value) for name, value in moved.items()}
    amount = {"90000000": 5_000_000, "1": 500_000, "2000000": 1_000_000}[opening]
    log = settled(opening, YESTERDAY), withdrew(amount)
    assert steps(OUT, *log) == ["raised"]
    assert steps(OUT, *log, **lines) == []
    inward = settled(opening, YESTERDAY), deposited(amount)
    assert steps(IN, *inward, **{f"deposit_{name}": value for name, value in lines.items()}) == []
