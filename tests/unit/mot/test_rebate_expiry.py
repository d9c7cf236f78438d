"""返还公式到期: told 20 trading days before the agreement's last day and 5 before.

The usual agreement ends on 2026-06-30: 2026-06-01 is 20 trading days before it (19 June is a
holiday), 2026-06-23 five.
"""

from datetime import date

import pytest

from services.mot.domain.detectors.rebate_expiry import RebateExpiry
from shared.kernel.trading_day import china
from tests.kit.events import (
    DAY,
    TOMORROW,
    YESTERDAY,
    agreed,
    closed,
    moment,
    settled,
    snapshotted,
)
from tests.kit.scenario import Scenario, happened, steps

END, FIVE_BEFORE, LONG_AGO = date(2026, 6, 30), date(2026, 6, 23), date(2026, 1, 5)
rule = Scenario(RebateExpiry())
agreement = rule.given(agreed(END))
told = agreement.given(closed(DAY))


def june(day: int) -> date:
    return date(2026, 6, day)


def test_it_is_told_twenty_trading_days_before() -> None:
    assert not agreement.when(closed(YESTERDAY))
    assert steps(agreement.when(closed(DAY))) == ["raised"]


def test_it_is_told_again_five_before_and_on_no_other_day() -> None:
    days = [day for day in china().days if YESTERDAY <= day <= date(2026, 7, 10)]
    said = agreement.told(*(closed(day) for day in days))
    assert [(a.type, a.data.revision, a.data.trading_day) for a in said] == [
        ("alert.raised", 1, DAY),
        ("alert.updated", 2, FIVE_BEFORE),
    ]


def test_between_the_two_it_stays_silent() -> None:
    assert not told.when(closed(TOMORROW))
    assert not told.when(closed(june(22)))


def test_the_settlement_and_the_days_close_say_it_once() -> None:
    assert happened(agreement.told(settled(5, DAY), closed(DAY), settled(6, DAY))) == ["raised"]
    assert happened(agreement.told(closed(DAY))) == ["raised"]


def test_an_overtaken_settlement_judges_no_day() -> None:
    given = rule.given(settled(5, TOMORROW), agreed(date(2026, 7, 1)))
    assert not given.when(settled(5, DAY))


def test_other_events_say_nothing() -> None:
    assert agreement.told(snapshotted(5, moment(DAY, "10:00"))) == []


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = agreement.when(closed(DAY))
    assert said.summary == "返还公式（交返）将于2026-06-30到期，剩余20个交易日"
    assert list(said.facts.items()) == [
        ("到期日", "2026-06-30"),
        ("剩余", "20个交易日"),
        ("项目", "返还公式（交返）"),
    ]
    assert (said.episode, said.provisional) == ("交返-2025-07-01-2026-06-30", False)


def test_an_agreement_without_a_first_day_has_a_name_too() -> None:
    (said,) = rule.given(agreed(END, None, "利返")).when(closed(DAY))
    assert said.episode == "利返---2026-06-30"


def test_the_event_that_brings_the_end_judges_it_at_once() -> None:
    assert steps(rule.when(agreed(END, day=DAY))) == ["raised"]
    assert not rule.when(agreed(END, day=YESTERDAY))
    (late,) = rule.when(agreed(END, day=FIVE_BEFORE))
    assert (late.step.value, late.level, late.facts["剩余"]) == ("raised", 2, "5个交易日")


def test_the_last_day_itself_counts_and_the_day_after_does_not() -> None:
    (said,) = rule.when(agreed(END, day=END))
    assert said.facts["剩余"] == "0个交易日"
    assert not rule.when(agreed(END, day=date(2026, 7, 1)))
    assert not agreement.when(closed(date(2026, 7, 1)))


def test_an_end_on_a_day_without_trading_is_counted_to_the_trading_day_before() -> None:
    (said,) = rule.when(agreed(june(20), day=june(18)))  # the 19th and 20th are none
    assert said.facts["剩余"] == "0个交易日"
    assert not rule.when(agreed(june(20), day=june(22)))


def test_an_agreement_without_an_end_never_ends() -> None:
    assert not rule.when(agreed(None, day=DAY))
    assert not rule.given(agreed(None)).when(closed(DAY))


def test_the_latest_record_of_an_agreement_holds() -> None:
    (moved,) = told.when(agreed(date(2027, 6, 30), day=TOMORROW))
    assert (moved.step.value, moved.episode) == ("withdrawn", "交返-2025-07-01-2026-06-30")
    assert moved.summary == "返还公式（交返）的到期日已变更"
    assert steps(told.when(agreed(None, day=TOMORROW))) == ["withdrawn"]
    assert not told.when(agreed(END, day=TOMORROW))


def test_an_end_moved_within_reach_is_taken_back_and_told_anew() -> None:
    said = told.told(agreed(june(29), day=TOMORROW), agreed(END, day=june(3)))
    assert [(a.type, a.data.episode[-5:], a.data.revision) for a in said] == [
        ("alert.withdrawn", "06-30", 2),
        ("alert.raised", "06-29", 1),
        ("alert.withdrawn", "06-29", 2),
        ("alert.raised", "06-30", 3),
    ]


def test_an_end_that_has_passed_is_not_taken_back() -> None:
    assert not told.when(agreed(date(2027, 6, 30), day=date(2026, 7, 1)))
    assert steps(told.when(agreed(date(2027, 6, 30), day=END))) == ["withdrawn"]


def test_two_agreements_have_two_alerts_and_an_event_judges_its_own() -> None:
    both = agreement.given(agreed(END, kind="利返"))
    assert {said.episode for said in both.when(closed(DAY))} == {
        "交返-2025-07-01-2026-06-30",
        "利返-2025-07-01-2026-06-30",
    }
    (own,) = agreement.when(agreed(END, kind="利返", day=DAY))
    assert own.episode == "利返-2025-07-01-2026-06-30"
    assert not told.when(agreed(None, kind="利返", day=DAY))


def test_an_end_beyond_the_calendar_waits_for_the_next_one() -> None:
    last = china().last
    given = rule.given(agreed(date(2027, 1, 5)), settled(5, YESTERDAY))
    assert not given.when(closed(china().on_or_after(date(2026, 12, 31))))
    assert rule.given(agreed(last)).when(closed(date(2026, 12, 31)))


def test_backfilled_history_says_nothing_and_is_remembered() -> None:
    given = rule.given(agreed(END, day=DAY, backfill=True))
    assert rule.told(agreed(END, day=DAY, backfill=True)) == []
    assert happened(given.told(closed(DAY))) == ["raised"]


@pytest.mark.parametrize(
    ("raise_before", "first"), [(19, TOMORROW), (21, YESTERDAY), (90, date(2026, 2, 9))]
)
def test_raise_before_moves_the_day(raise_before: int, first: date) -> None:
    moved = Scenario(RebateExpiry(raise_before=raise_before)).given(agreed(END, day=LONG_AGO))
    assert not moved.when(closed(china().before(first)))
    assert steps(moved.when(closed(first))) == ["raised"]


def test_remind_before_moves_the_day() -> None:
    moved = Scenario(RebateExpiry(remind_before=6)).given(agreed(END), closed(DAY))
    assert steps(moved.when(closed(june(22)))) == ["updated"]
    assert not told.when(closed(june(22)))


def test_its_defaults_are_the_products() -> None:
    assert (RebateExpiry().raise_before, RebateExpiry().remind_before) == (20, 5)
