"""适当性到期: risk_level_until of a baseline; told 20 trading days before it and 5 before.

The usual end is 2026-06-30: 2026-06-01 is 20 trading days before it, 2026-06-23 five. What all ends
share is shown with 返还公式到期.
"""

from datetime import date
from typing import Any

from services.mot.domain.detectors.suitability_expiry import SuitabilityExpiry
from services.mot.domain.events import AccountBaselined
from shared.kernel.trading_day import china
from tests.kit.events import DAY, TOMORROW, YESTERDAY, agreed, baselined, closed, settled
from tests.kit.scenario import Scenario, happened, steps

END, FIVE_BEFORE, LONG_AGO = date(2026, 6, 30), date(2026, 6, 23), date(2026, 1, 5)
rule = Scenario(SuitabilityExpiry())


def until(end: date | None, day: date = YESTERDAY, **given: Any) -> AccountBaselined:
    return baselined(date(2019, 3, 1), day=day, risk_level_until=end, **given)


known = rule.given(until(END))
told = known.given(closed(DAY))


def test_it_is_told_twenty_trading_days_before() -> None:
    assert not known.when(closed(YESTERDAY))
    assert steps(known.when(closed(DAY))) == ["raised"]


def test_it_is_told_again_five_before_and_on_no_other_day() -> None:
    days = [day for day in china().days if YESTERDAY <= day <= date(2026, 7, 10)]
    said = known.told(*(closed(day) for day in days))
    assert [(a.type, a.data.trading_day) for a in said] == [
        ("alert.raised", DAY),
        ("alert.updated", FIVE_BEFORE),
    ]


def test_the_settlement_and_the_days_close_say_it_once() -> None:
    assert happened(known.told(settled(5, DAY), closed(DAY), settled(6, DAY))) == ["raised"]
    assert not rule.given(settled(5, TOMORROW), until(END)).when(settled(5, DAY))


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = known.when(closed(DAY))
    assert said.summary == "风险测评将于2026-06-30到期，剩余20个交易日"
    assert list(said.facts.items()) == [
        ("到期日", "2026-06-30"),
        ("剩余", "20个交易日"),
        ("项目", "风险测评"),
    ]
    assert (said.episode, said.provisional) == ("2026-06-30", False)


def test_the_baseline_that_brings_the_end_judges_it_at_once() -> None:
    assert steps(rule.when(until(END, DAY))) == ["raised"]
    assert not rule.when(until(END, YESTERDAY))


def test_the_last_day_itself_counts_and_the_day_after_does_not() -> None:
    assert steps(rule.when(until(END, END))) == ["raised"]
    assert not rule.when(until(END, date(2026, 7, 1)))


def test_a_baseline_that_does_not_tell_it_changes_nothing() -> None:
    assert not told.when(until(None, TOMORROW))
    assert known.given(until(None)).when(closed(DAY))
    assert not known.when(until(None, DAY))  # it brings no date to judge


def test_an_end_that_is_moved_takes_the_old_one_back() -> None:
    (said,) = told.when(until(date(2028, 6, 30), TOMORROW))
    assert (said.step.value, said.episode) == ("withdrawn", "2026-06-30")
    assert said.summary == "风险测评的到期日已变更"
    assert not told.when(until(END, TOMORROW))
    assert not told.when(until(date(2028, 6, 30), date(2026, 7, 1)))  # the old one has passed


def test_other_ends_are_not_its_own() -> None:
    assert not rule.given(agreed(END)).when(closed(DAY))
    other = baselined(date(2019, 3, 1), day=DAY, certificate_until=END)
    assert not rule.when(other)
    assert not rule.given(other).when(closed(DAY))


def test_an_end_beyond_the_calendar_waits_for_the_next_one() -> None:
    given = rule.given(until(date(2027, 1, 5)))
    assert not given.when(closed(date(2026, 12, 31)))


def test_backfilled_history_says_nothing_and_is_remembered() -> None:
    assert rule.told(until(END, DAY, backfill=True)) == []
    assert happened(rule.given(until(END, DAY, backfill=True)).told(closed(DAY))) == ["raised"]


def test_each_threshold_moved_by_a_day_moves_the_day() -> None:
    earlier = Scenario(SuitabilityExpiry(raise_before=21)).given(until(END, LONG_AGO))
    assert earlier.when(closed(YESTERDAY))
    later = Scenario(SuitabilityExpiry(raise_before=19)).given(until(END))
    assert not later.when(closed(DAY))
    sooner = Scenario(SuitabilityExpiry(remind_before=6)).given(until(END), closed(DAY))
    assert steps(sooner.when(closed(date(2026, 6, 22)))) == ["updated"]
    assert not told.when(closed(date(2026, 6, 22)))


def test_its_defaults_are_the_products() -> None:
    assert (SuitabilityExpiry().raise_before, SuitabilityExpiry().remind_before) == (20, 5)
