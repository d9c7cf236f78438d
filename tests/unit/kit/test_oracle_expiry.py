"""到期: told 20 trading days before and again 5 before.

Of Monday 2026-06-01 the 20th trading day after is 2026-06-30 (the 19th of June is a holiday), the
fifth is 2026-06-08.
"""

from datetime import date

import pytest

from tests.kit.facts import DAY, TOMORROW, YESTERDAY, agreed, baselined, closed, settled
from tests.kit.told import told

REBATE, SUITABILITY, CERTIFICATE = "rebate_expiry", "suitability_expiry", "certificate_expiry"
OPENED = date(2018, 1, 1)
FAR, NEAR = date(2026, 6, 30), date(2026, 6, 8)


def june(day: int) -> date:
    return date(2026, 6, day)


def test_it_is_told_twenty_and_five_trading_days_before() -> None:
    known = agreed(FAR)
    days = [closed(day) for day in (YESTERDAY, DAY, TOMORROW, june(22), june(23), june(24), FAR)]
    assert told(REBATE, known, *days) == [
        "raised 交返---2026-06-30 1",
        "updated 交返---2026-06-30 2",
    ]
    assert told(REBATE, known, closed(YESTERDAY)) == []
    assert told(REBATE, known, settled(5, DAY), closed(DAY)) == ["raised 交返---2026-06-30 1"]
    late = settled(5, TOMORROW), settled(5, DAY)
    assert told(REBATE, *late, agreed(date(2026, 7, 2), YESTERDAY)) == []


def test_known_in_the_last_days_it_is_told_once() -> None:
    assert told(REBATE, agreed(NEAR, DAY), closed(DAY), closed(TOMORROW)) == [
        "raised 交返---2026-06-08 1"
    ]
    assert told(REBATE, agreed(DAY, DAY)) == ["raised 交返---2026-06-01 1"]
    assert told(REBATE, agreed(YESTERDAY, DAY), closed(DAY)) == []


def test_an_end_on_a_sunday_is_as_far_as_the_friday_before() -> None:
    sunday, monday = agreed(june(7), YESTERDAY), agreed(june(8), YESTERDAY)
    assert told(REBATE, sunday, closed(DAY)) == ["raised 交返---2026-06-07 1"]  # in five days
    assert told(REBATE, monday, closed(DAY))[1:] == ["updated 交返---2026-06-08 2"]
    assert not told(REBATE, agreed(june(7), june(8)))


def test_an_agreement_is_named_by_its_kind_and_its_beginning() -> None:
    begun = date(2026, 1, 1)
    log = agreed(NEAR, DAY, starts_on=begun), agreed(NEAR, DAY), agreed(NEAR, DAY, "利返")
    assert told(REBATE, *log) == [
        "raised 交返-2026-01-01-2026-06-08 1",
        "raised 交返---2026-06-08 1",
        "raised 利返---2026-06-08 1",
    ]
    longer = agreed(date(2026, 12, 1), DAY, starts_on=begun)
    assert told(REBATE, *log, longer)[3:] == ["withdrawn 交返-2026-01-01-2026-06-08 2"]


@pytest.mark.parametrize("now", [date(2026, 12, 1), None])
def test_another_date_takes_back_what_was_said_of_the_old_one(now: date | None) -> None:
    log = agreed(NEAR), agreed(now, DAY)
    assert told(REBATE, *log) == ["raised 交返---2026-06-08 1", "withdrawn 交返---2026-06-08 2"]
    assert told(REBATE, *log, agreed(NEAR, DAY))[2:] == ["raised 交返---2026-06-08 3"]
    assert told(REBATE, *log, closed(TOMORROW))[2:] == []


def test_the_same_date_again_takes_nothing_back_and_may_be_nearer() -> None:
    log = agreed(NEAR, YESTERDAY), agreed(NEAR, YESTERDAY)
    assert told(REBATE, *log) == ["raised 交返---2026-06-08 1"]
    assert told(REBATE, *log, agreed(NEAR, DAY))[1:] == ["updated 交返---2026-06-08 2"]


def test_what_has_ended_is_not_taken_back() -> None:
    log = agreed(NEAR), agreed(date(2026, 12, 1), NEAR)
    assert [word.split()[0] for word in told(REBATE, *log)] == ["raised", "withdrawn"]
    log = agreed(NEAR), agreed(date(2026, 12, 1), june(9))
    assert [word.split()[0] for word in told(REBATE, *log)] == ["raised"]


def test_a_new_date_that_is_near_is_told_at_once() -> None:
    assert told(REBATE, agreed(NEAR), agreed(june(9), DAY)) == [
        "raised 交返---2026-06-08 1",
        "withdrawn 交返---2026-06-08 2",
        "raised 交返---2026-06-09 1",
    ]


@pytest.mark.parametrize(
    ("rule", "field"),
    [(SUITABILITY, "risk_level_until"), (CERTIFICATE, "certificate_until")],
)
def test_a_baseline_brings_two_dates(rule: str, field: str) -> None:
    near, far = baselined(OPENED, **{field: NEAR}), baselined(OPENED, **{field: FAR})
    assert told(rule, near) == ["raised 2026-06-08 1"]
    assert told(rule, near, baselined(OPENED), closed(DAY))[1:] == ["updated 2026-06-08 2"]
    assert told(rule, near, far)[1:] == ["withdrawn 2026-06-08 2"]
    assert told(rule, near, far, closed(DAY))[2:] == ["raised 2026-06-30 1"]
    others = {SUITABILITY, CERTIFICATE} - {rule}
    assert not told(others.pop(), near, closed(DAY))


def test_an_end_beyond_the_calendar_is_far_away() -> None:
    assert not told(CERTIFICATE, baselined(OPENED, certificate_until=date(2041, 1, 1)), closed(DAY))


def test_history_is_told_at_the_next_judgement() -> None:
    old = agreed(NEAR, backfill=True)
    assert told(REBATE, old) == []
    assert told(REBATE, old, closed(DAY)) == ["raised 交返---2026-06-08 1"]


def test_each_threshold_counts() -> None:
    log = agreed(FAR), closed(DAY), closed(june(23))
    assert len(told(REBATE, *log)) == 2
    assert len(told(REBATE, *log, expiry_remind_before=4)) == 1
    assert told(REBATE, agreed(FAR), closed(DAY), expiry_raise_before=19) == []
