"""What holds for every rule: identities, history, rehearsals, what was said and is forgotten."""

from datetime import date, timedelta

import pytest

from shared.contracts.trading import TradingEvent
from tests.kit.facts import (
    DAY,
    YESTERDAY,
    closed,
    deposited,
    moment,
    ordered,
    settled,
    snapshotted,
    ticked,
    took_back,
    withdrew,
)
from tests.kit.reference import Expected, Oracle, expected
from tests.kit.told import steps, told

LARGE = "large_withdrawal"


def test_an_alert_is_expected_with_its_whole_identity() -> None:
    (said,) = expected([withdrew(500_000)], rules={LARGE})
    assert said == Expected("alert.raised", LARGE, "demo:80012345", "2026-06-01", 1)


def test_the_same_identity_again_says_nothing() -> None:
    event = withdrew(500_000)
    assert told(LARGE, event, event) == ["raised 2026-06-01 1"]


def test_accounts_have_nothing_to_do_with_each_other() -> None:
    log = [withdrew(499_999), withdrew(499_999, account="2"), withdrew(1, account="2")]
    assert [alert.account for alert in expected(log, rules={LARGE})] == ["demo:2"]


def test_history_loaded_later_is_added_and_says_nothing() -> None:
    assert told(LARGE, withdrew(400_000, backfill=True), withdrew(100_000)) == [
        "raised 2026-06-01 1"
    ]
    assert not told(LARGE, withdrew(500_000, backfill=True), withdrew(1), took_back(400_000))


def test_what_rises_further_without_a_first_word_is_raised() -> None:
    assert steps(LARGE, withdrew(500_000, backfill=True), withdrew(500_000)) == ["raised"]


def test_a_rehearsal_has_a_memory_of_its_own() -> None:
    log = [withdrew(500_000, rehearsal=True), withdrew(500_000), withdrew(1, rehearsal=True)]
    assert told(LARGE, *log) == ["raised 2026-06-01 1"] * 2


def test_what_was_said_is_forgotten_after_sixty_calendar_days() -> None:
    def another_saying_after(days: int) -> list[str]:
        later = withdrew(500_000, DAY + timedelta(days=days))
        return told(LARGE, withdrew(500_000), later, withdrew(500_000))

    assert another_saying_after(60)[-1] == "updated 2026-06-01 2"
    assert another_saying_after(61)[-1] == "raised 2026-06-01 1"


def test_its_own_next_word_comes_in_time_however_late() -> None:
    order = "forced_liquidation"
    late = moment(date(2026, 9, 1), "10:00")
    log = ordered(moment(DAY, "10:00")), ordered(late, 2, "partly-filled")
    assert told(order, *log) == ["raised F1 1", "updated F1 2"]


def test_another_brokers_clock_concerns_nobody_here() -> None:
    at, later = moment(DAY, "10:00"), moment(DAY, "10:01")
    order, cured = ordered(at), snapshotted(1, later)
    assert steps("forced_liquidation", order, cured, ticked(later, "other")) == ["raised"]
    assert steps("forced_liquidation", order, cured, ticked(later)) == ["raised", "confirmed"]


def test_all_rules_are_asked_unless_some_are_named() -> None:
    days = settled(1_000, YESTERDAY, -60_000), settled(1_000, DAY, -60_000)
    log: list[TradingEvent] = [*days, deposited(500_000)]
    assert {a.rule for a in expected(log)} == {"consecutive_overdraft", "large_deposit"}
    assert {a.rule for a in expected(log, rules={"large_deposit"})} == {"large_deposit"}


def test_a_rule_that_nobody_has_is_refused() -> None:
    with pytest.raises(ValueError, match="large_withdrawl"):
        expected([], rules={"large_withdrawl"})


def test_an_oracle_may_be_told_one_event_after_the_other() -> None:
    oracle = Oracle()
    assert not oracle.tell(withdrew(499_999))
    assert [alert.rule for alert in oracle.tell(withdrew(1))] == [LARGE]
    assert not oracle.tell(closed(YESTERDAY))
