"""连续透支: available below zero on two trading days running, 10万 in all."""

from datetime import date
from decimal import Decimal

import pytest

from shared.contracts.trading import AccountSettled, AccountSnapshotted
from tests.kit.facts import closed, moment, settled, snapshotted
from tests.kit.told import told

RULE = "consecutive_overdraft"
FRI = date(2026, 5, 29)
MON, TUE, WED, THU = (date(2026, 6, n) for n in range(1, 5))


def short(owed: str | int, day: date, **given: bool) -> AccountSettled:
    return settled(1_000_000, day, f"-{owed}", **given)


def covered(day: date) -> AccountSettled:
    return settled(1_000_000, day, 0)


def seen(available: str | int, day: date, at: str = "10:00") -> AccountSnapshotted:
    return snapshotted(1_000_000, moment(day, at), available)


def test_two_settled_days_that_reach_the_total_are_told_on_the_second() -> None:
    assert told(RULE, short(40_000, MON), short(60_000, TUE)) == ["raised 2026-06-01 1"]
    assert not told(RULE, short(40_000, MON), short("59999.999", TUE))
    assert not told(RULE, short(9_000_000, MON))
    assert not told(RULE, short(90_000, MON), covered(TUE), short(90_000, WED))
    assert not told(RULE, short(90_000, MON), short(90_000, WED))  # nobody settled Tuesday
    assert told(RULE, short(90_000, FRI), short(10_000, MON)) == ["raised 2026-05-29 1"]


def test_each_further_day_is_an_update_and_the_end_of_a_run_says_nothing() -> None:
    days = [short(50_000, day) for day in (MON, TUE, WED)]
    assert told(RULE, *days, covered(THU)) == ["raised 2026-06-01 1", "updated 2026-06-01 2"]


def test_intraday_it_is_told_provisionally_and_confirmed_by_the_settlement() -> None:
    log = short(60_000, MON), seen(-40_000, TUE)
    assert told(RULE, *log) == ["raised 2026-06-01 1"]
    assert told(RULE, *log, short(40_000, TUE))[1:] == ["confirmed 2026-06-01 2"]
    assert told(RULE, *log, short("40000.001", TUE))[1:] == ["amended 2026-06-01 2"]
    assert told(RULE, *log, covered(TUE))[1:] == ["withdrawn 2026-06-01 2"]
    assert told(RULE, *log, short("39999.999", TUE))[1:] == ["withdrawn 2026-06-01 2"]


def test_intraday_it_is_told_once() -> None:
    log = short(60_000, MON), seen(-40_000, TUE), seen(-90_000, TUE, "11:00")
    assert told(RULE, *log, seen(5, TUE, "11:30")) == ["raised 2026-06-01 1"]
    assert not told(RULE, short(60_000, MON), seen(-39_999, TUE))


def test_a_snapshot_that_recovered_leaves_the_last_word_to_the_settlement() -> None:
    log = short(60_000, MON), seen(-40_000, TUE), seen(5, TUE, "11:00")
    assert told(RULE, *log, covered(TUE))[1:] == ["withdrawn 2026-06-01 2"]
    assert told(RULE, *log, short(40_000, TUE))[1:] == ["confirmed 2026-06-01 2"]


def test_a_third_day_seen_and_recovered_is_amended_by_its_settlement() -> None:
    log = short(60_000, MON), short(60_000, TUE), seen(-1, WED), seen(1, WED, "11:00")
    said = told(RULE, *log, covered(WED))
    assert said == ["raised 2026-06-01 1", "updated 2026-06-01 2", "amended 2026-06-01 3"]
    assert told(RULE, *log, covered(WED), covered(WED)) == said


def test_an_older_snapshot_says_nothing() -> None:
    log = short(60_000, MON), seen(5, TUE, "11:00"), seen(-90_000, TUE, "10:00")
    assert not told(RULE, *log)
    assert not told(RULE, short(60_000, MON), covered(TUE), seen(-90_000, TUE))


def test_in_the_night_both_days_may_be_provisional() -> None:
    said = told(RULE, short(40_000, FRI), seen(-60_000, MON), seen(-60_000, TUE))
    assert said == ["raised 2026-05-29 1", "updated 2026-05-29 2"]
    # Monday's settlement leaves Tuesday open: nothing new is told of the run
    log = short(40_000, FRI), seen(-60_000, MON), seen(-60_000, TUE), short(50_000, MON)
    assert told(RULE, *log) == said
    assert told(RULE, *log, short(60_000, TUE))[2:] == ["amended 2026-05-29 3"]


def test_a_correction_of_the_newest_day() -> None:
    log = short(60_000, MON), short(60_000, TUE)
    assert told(RULE, *log, short(60_000, TUE)) == ["raised 2026-06-01 1"]
    assert told(RULE, *log, short(70_000, TUE))[1:] == ["amended 2026-06-01 2"]
    assert told(RULE, *log, covered(TUE), short(60_000, TUE))[1:] == [
        "withdrawn 2026-06-01 2",
        "raised 2026-06-01 3",
    ]


def test_a_correction_of_a_run_that_has_ended() -> None:
    log = short(60_000, MON), short(60_000, TUE), covered(WED)
    assert told(RULE, *log, covered(TUE))[1:] == ["withdrawn 2026-06-01 2"]
    assert told(RULE, *log, short(70_000, TUE))[1:] == ["amended 2026-06-01 2"]
    assert told(RULE, *log, short(60_000, WED))[1:] == ["updated 2026-06-01 2"]


def test_a_correction_may_move_a_runs_first_day() -> None:
    log = short(60_000, MON), short(60_000, TUE), short(60_000, WED)
    said = told(RULE, *log, covered(MON))
    assert said[2:] == ["withdrawn 2026-06-01 3", "raised 2026-06-02 1"]
    late = short(60_000, TUE), short(60_000, WED), short(1, MON)
    assert told(RULE, *late) == [
        "raised 2026-06-02 1",
        "withdrawn 2026-06-02 2",
        "raised 2026-06-01 1",
    ]


def test_a_correction_in_the_middle_splits_and_joins() -> None:
    days = [short(100_000, day) for day in (FRI, MON, TUE, WED, THU)]
    split = told(RULE, *days, covered(TUE))
    assert split[4:] == ["amended 2026-05-29 5", "raised 2026-06-03 1"]
    joined = told(RULE, *days, covered(TUE), short(1, TUE))
    assert joined[6:] == ["withdrawn 2026-06-03 2", "updated 2026-05-29 6"]


def test_a_day_that_was_passed_over_by_the_settlements_is_not_negative() -> None:
    log = short(60_000, FRI), seen(-60_000, MON), covered(TUE)
    assert told(RULE, *log) == ["raised 2026-05-29 1"]
    assert told(RULE, *log, short(60_000, MON))[1:] == ["confirmed 2026-05-29 2"]
    assert told(RULE, *log, covered(MON))[1:] == ["withdrawn 2026-05-29 2"]


def test_history_counts_and_says_nothing() -> None:
    log = short(60_000, MON, backfill=True), short(60_000, TUE, backfill=True)
    assert not told(RULE, *log)
    assert told(RULE, *log, short(1, WED)) == ["raised 2026-06-01 1"]


@pytest.mark.parametrize("moved", [{"days": 3}, {"total": Decimal("100000.001")}])
def test_each_threshold_counts(moved: dict[str, int]) -> None:
    log = short(50_000, MON), short(50_000, TUE)
    assert told(RULE, *log)
    assert not told(RULE, *log, **moved)


def test_a_run_of_one_day_may_be_enough_by_the_lines() -> None:
    log = seen(-100_000, MON), short(100_000, MON)
    assert told(RULE, *log, days=1) == ["raised 2026-06-01 1", "confirmed 2026-06-01 2"]


def test_behind_a_days_close_only_what_was_settled_counts() -> None:
    log = short(60_000, MON), seen(-60_000, TUE)
    assert told(RULE, *log, closed(MON)) == ["raised 2026-06-01 1"]
    back = ["raised 2026-06-01 1", "withdrawn 2026-06-01 2"]
    assert told(RULE, *log, closed(TUE), closed(WED)) == back
    assert told(RULE, *log, closed(TUE), short(60_000, TUE)) == [*back, "raised 2026-06-01 3"]
    night = seen(-60_000, WED, "00:30")
    assert told(RULE, *log, night, closed(TUE))[2:] == []
    left = short(60_000, MON), short(60_000, TUE), seen(-60_000, WED), closed(WED)
    assert told(RULE, *left)[2:] == ["amended 2026-06-01 3"]
