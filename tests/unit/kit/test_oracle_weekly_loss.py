"""大额亏损: 20 % of the window's opening equity and what came in, and over 10,000."""

from datetime import date
from decimal import Decimal

import pytest

from shared.contracts.trading import AccountSettled
from tests.kit.facts import deposited, settled, withdrew
from tests.kit.told import told

RULE = "weekly_loss"
FRI = date(2026, 5, 29)
MON, TUE, WED, THU, NEXT_FRI = (date(2026, 6, n) for n in range(1, 6))
NEXT_MON = date(2026, 6, 8)
opened = settled(100_000, FRI)
RAISED = ["raised 2026-06-01 1"]


def at(equity: str | int, day: date = MON, **given: int) -> AccountSettled:
    return settled(equity, day, **given)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("100000", "80000", RAISED),  # a fifth is enough
        ("100000", "80000.001", []),
        ("50000", "40000", []),  # a fifth, but not over 10,000
        ("50000", "39999.999", RAISED),
        ("0", "-20000", []),  # nothing to lose from
        ("-5", "-20005", []),
    ],
)
def test_a_loss_is_a_share_and_an_amount(before: str, after: str, said: list[str]) -> None:
    assert told(RULE, settled(before, FRI), at(after)) == said
    assert told(RULE, at(after, opening_equity=int(before))) == said


def test_the_first_settlement_ever_has_no_result() -> None:
    assert not told(RULE, at(5))


def test_the_files_own_profit_goes_before_the_difference_of_equities() -> None:
    halves = {"close_profit": -15_000, "position_profit": -4_000}
    assert told(RULE, opened, at(100_000, MON, **halves, commission=1_000)) == RAISED
    assert not told(RULE, opened, at(100_000, MON, **halves))
    assert told(RULE, opened, at(80_000, close_profit=5)) == RAISED  # only one half is told
    assert not told(RULE, opened, at(80_000, close_profit=0, position_profit=0))


def test_the_base_is_what_the_first_day_with_a_result_began_with() -> None:
    lost = at(100_000, close_profit=-90_000, position_profit=0)
    still = at(100_000, TUE, close_profit=0, position_profit=0)
    assert not told(RULE, lost, still)  # what Monday began with nobody knows
    late = at(450_000, FRI)
    assert told(RULE, lost, late, still) == ["raised 2026-06-02 1"]
    assert not told(RULE, lost, at("450000.001", FRI), still)


def test_what_came_in_is_base_and_no_profit_and_what_went_out_no_loss() -> None:
    assert told(RULE, opened, deposited(50_000), at(120_000)) == RAISED
    assert not told(RULE, opened, deposited(50_000), at("120000.001"))
    assert not told(RULE, opened, withdrew(90_000), at(10_000))
    assert not told(RULE, opened, at(10_000, withdrawal=90_000))
    assert told(RULE, opened, withdrew(90_000), at(10_000, withdrawal=0)) == RAISED
    assert told(RULE, opened, at(120_000, deposit=50_000)) == RAISED


def test_the_window_is_five_trading_days() -> None:
    log = [opened, at(85_000), *(at(85_000, day) for day in (TUE, WED, THU))]
    assert told(RULE, *log, at(80_000, NEXT_FRI)) == ["raised 2026-06-05 1"]
    calm = at(85_000, NEXT_FRI)
    last = at(80_000, NEXT_MON)
    assert not told(RULE, *log, calm, last)
    assert told(RULE, *log, calm, last, loss_days=6) == ["raised 2026-06-08 1"]
    assert told(RULE, *log, calm, at(68_000, NEXT_MON)) == ["raised 2026-06-08 1"]  # 17 of 85


def test_days_that_nobody_settled_are_skipped() -> None:
    assert told(RULE, opened, at(85_000), at(80_000, NEXT_FRI)) == ["raised 2026-06-05 1"]


def test_it_is_told_once_until_it_was_over_for_a_day() -> None:
    log = opened, at(75_000), at(74_000, TUE)
    assert told(RULE, *log) == RAISED
    over = at(95_000, WED)
    assert told(RULE, *log, over) == RAISED
    assert told(RULE, *log, over, at(70_000, THU)) == [*RAISED, "raised 2026-06-04 1"]


def test_a_replacement_of_the_day_that_raised_it_takes_it_back() -> None:
    log = opened, at(75_000), at(95_000)
    assert told(RULE, *log)[1:] == ["withdrawn 2026-06-01 2"]
    assert told(RULE, *log, at(75_000))[2:] == ["raised 2026-06-01 3"]
    assert told(RULE, opened, at(75_000), at(75_000)) == RAISED
    assert told(RULE, opened, at(75_000), at(70_000)) == [*RAISED, "amended 2026-06-01 2"]


def test_a_replacement_of_the_day_that_ended_it_begins_another() -> None:
    log = opened, at(75_000), at(95_000, TUE), at(75_000, TUE)
    assert told(RULE, *log) == [*RAISED, "raised 2026-06-02 1"]


def test_only_the_newest_settlement_is_judged_but_it_knows_the_corrected_ones() -> None:
    log = opened, at(95_000), at(90_000, TUE), at(10_000)
    assert not told(RULE, *log)
    # Monday's correction: −90,000, then Tuesday's +80,000
    assert not told(RULE, *log, at(90_000, TUE))
    assert told(RULE, *log, at(15_000, TUE)) == ["raised 2026-06-02 1"]


@pytest.mark.parametrize(
    "moved",
    [{"loss_share": Decimal("0.200001")}, {"loss_floor": Decimal(20_000)}],
)
def test_each_threshold_counts(moved: dict[str, Decimal]) -> None:
    assert told(RULE, opened, at(80_000)) == RAISED
    assert not told(RULE, opened, at(80_000), **moved)
