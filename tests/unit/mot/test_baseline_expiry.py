"""证件到期, 适当性到期: the end that a baseline tells; told 20 trading days before it and 5 before.

The usual end is 2026-06-30: 2026-06-01 is 20 trading days before it, 2026-06-23 five. What all ends
share is shown with 返还公式到期.
"""

from datetime import date
from typing import Any, NamedTuple

import pytest

from services.mot.domain.detectors.certificate_expiry import CertificateExpiry
from services.mot.domain.detectors.suitability_expiry import SuitabilityExpiry
from services.mot.domain.events import AccountBaselined
from services.mot.domain.expiry import BaselineExpiry
from shared.kernel.trading_day import china
from tests.kit.events import DAY, TOMORROW, YESTERDAY, agreed, baselined, closed, settled
from tests.kit.scenario import Scenario, happened, steps

END, FIVE_BEFORE, LONG_AGO = date(2026, 6, 30), date(2026, 6, 23), date(2026, 1, 5)


class Case(NamedTuple):
    """A rule, what ends, and the baseline's words for its last day and for the other rule's."""

    detector: type[BaselineExpiry]
    what: str
    word: str
    others: str

    @property
    def rule(self) -> Scenario:
        return Scenario(self.detector())

    @property
    def known(self) -> Scenario:
        return self.rule.given(self.until(END))

    @property
    def told(self) -> Scenario:
        return self.known.given(closed(DAY))

    def until(self, end: date | None, day: date = YESTERDAY, **given: Any) -> AccountBaselined:
        return baselined(date(2019, 3, 1), day=day, **{self.word: end}, **given)

    def with_(self, **thresholds: int) -> Scenario:
        return Scenario(self.detector(**thresholds))


CASES = (
    Case(CertificateExpiry, "身份证件", "certificate_until", "risk_level_until"),
    Case(SuitabilityExpiry, "风险测评", "risk_level_until", "certificate_until"),
)


@pytest.fixture(params=CASES, ids=lambda case: case.detector.rule)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_it_is_told_twenty_trading_days_before(case: Case) -> None:
    assert not case.known.when(closed(YESTERDAY))
    assert steps(case.known.when(closed(DAY))) == ["raised"]


def test_it_is_told_again_five_before_and_on_no_other_day(case: Case) -> None:
    days = [day for day in china().days if YESTERDAY <= day <= date(2026, 7, 10)]
    said = case.known.told(*(closed(day) for day in days))
    assert [(a.type, a.data.trading_day) for a in said] == [
        ("alert.raised", DAY),
        ("alert.updated", FIVE_BEFORE),
    ]


def test_the_settlement_and_the_days_close_say_it_once(case: Case) -> None:
    assert happened(case.known.told(settled(5, DAY), closed(DAY), settled(6, DAY))) == ["raised"]
    assert not case.rule.given(settled(5, TOMORROW), case.until(END)).when(settled(5, DAY))


def test_it_says_what_a_manager_needs_in_this_order(case: Case) -> None:
    (said,) = case.known.when(closed(DAY))
    assert said.summary == f"{case.what}将于2026-06-30到期，剩余20个交易日"
    assert list(said.facts.items()) == [
        ("到期日", "2026-06-30"),
        ("剩余", "20个交易日"),
        ("项目", case.what),
    ]
    assert (said.episode, said.provisional) == ("2026-06-30", False)


def test_the_baseline_that_brings_the_end_judges_it_at_once(case: Case) -> None:
    assert steps(case.rule.when(case.until(END, DAY))) == ["raised"]
    assert not case.rule.when(case.until(END, YESTERDAY))


def test_the_last_day_itself_counts_and_the_day_after_does_not(case: Case) -> None:
    assert steps(case.rule.when(case.until(END, END))) == ["raised"]
    assert not case.rule.when(case.until(END, date(2026, 7, 1)))


def test_a_baseline_that_does_not_tell_it_changes_nothing(case: Case) -> None:
    assert not case.told.when(case.until(None, TOMORROW))
    assert case.known.given(case.until(None)).when(closed(DAY))
    assert not case.known.when(case.until(None, DAY))  # it brings no date to judge


def test_an_end_that_is_moved_takes_the_old_one_back(case: Case) -> None:
    (said,) = case.told.when(case.until(date(2028, 6, 30), TOMORROW))
    assert (said.step.value, said.episode) == ("withdrawn", "2026-06-30")
    assert said.summary == f"{case.what}的到期日已变更"
    assert not case.told.when(case.until(END, TOMORROW))
    assert not case.told.when(
        case.until(date(2028, 6, 30), date(2026, 7, 1))
    )  # the old one has passed


def test_other_ends_are_not_its_own(case: Case) -> None:
    assert not case.rule.given(agreed(END)).when(closed(DAY))
    other = baselined(date(2019, 3, 1), day=DAY, **{case.others: END})
    assert not case.rule.when(other)
    assert not case.rule.given(other).when(closed(DAY))


def test_an_end_beyond_the_calendar_waits_for_the_next_one(case: Case) -> None:
    given = case.rule.given(case.until(date(2027, 1, 5)))
    assert not given.when(closed(date(2026, 12, 31)))


def test_backfilled_history_says_nothing_and_is_remembered(case: Case) -> None:
    assert case.rule.told(case.until(END, DAY, backfill=True)) == []
    assert happened(case.rule.given(case.until(END, DAY, backfill=True)).told(closed(DAY))) == [
        "raised"
    ]


def test_each_threshold_moved_by_a_day_moves_the_day(case: Case) -> None:
    earlier = case.with_(raise_before=21).given(case.until(END, LONG_AGO))
    assert earlier.when(closed(YESTERDAY))
    later = case.with_(raise_before=19).given(case.until(END))
    assert not later.when(closed(DAY))
    sooner = case.with_(remind_before=6).given(case.until(END), closed(DAY))
    assert steps(sooner.when(closed(date(2026, 6, 22)))) == ["updated"]
    assert not case.told.when(closed(date(2026, 6, 22)))


def test_its_defaults_are_the_products(case: Case) -> None:
    assert (case.detector().raise_before, case.detector().remind_before) == (20, 5)
