"""开户未入金: three to ten trading days after the opening there is still no money.

The usual client opened on 2026-05-27, a Wednesday: 2026-06-01 is the third trading day after it.
"""

from datetime import date

import pytest

from services.mot.domain.detectors.unfunded_account import UnfundedAccount
from services.mot.domain.events import TradingEvent
from shared.kernel.trading_day import china
from tests.kit.events import (
    DAY,
    TOMORROW,
    YESTERDAY,
    baselined,
    closed,
    deposited,
    moment,
    settled,
    snapshotted,
    took_back,
)
from tests.kit.scenario import Scenario, happened, steps

OPENED = date(2026, 5, 27)
TENTH = date(2026, 6, 10)
rule = Scenario(UnfundedAccount())
new = rule.given(baselined(OPENED, day=OPENED))
asked = new.given(closed(DAY))


def test_it_is_told_on_the_third_trading_day() -> None:
    assert not new.when(closed(YESTERDAY))
    assert steps(new.when(closed(DAY))) == ["raised"]


def test_it_is_told_once() -> None:
    days = [day for day in china().days if OPENED <= day <= date(2026, 7, 1)]
    said = new.told(*(closed(day) for day in days))
    assert [(a.type, a.data.trading_day) for a in said] == [("alert.raised", DAY)]
    assert not asked.when(closed(TOMORROW))


def test_nobody_hears_after_the_tenth() -> None:
    assert steps(new.when(closed(TENTH))) == ["raised"]
    assert not new.when(closed(date(2026, 6, 11)))


def test_holidays_do_not_count() -> None:
    before_holiday = rule.given(baselined(date(2026, 9, 28)))
    assert not before_holiday.when(closed(date(2026, 9, 30)))
    assert steps(before_holiday.when(closed(date(2026, 10, 8)))) == ["raised"]


def test_the_settlement_and_the_days_close_say_it_once() -> None:
    assert happened(new.told(settled(0, DAY), closed(DAY), settled(0, DAY))) == ["raised"]
    assert happened(new.told(closed(DAY), settled(0, TOMORROW))) == ["raised"]


def test_an_overtaken_settlement_judges_no_day() -> None:
    given = rule.given(settled(0, TENTH), baselined(OPENED, day=TENTH))
    assert not given.when(settled(0, DAY))
    assert given.when(settled(0, TENTH))


def test_other_events_are_no_judgement() -> None:
    assert not new.when(baselined(OPENED, day=DAY))
    assert new.told(snapshotted(0, moment(DAY, "10:00"))) == []


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = new.when(closed(TOMORROW))
    assert said.summary == "开户4个交易日仍未入金"
    assert list(said.facts.items()) == [("开户日", "2026-05-27"), ("已过", "4个交易日")]
    assert (said.episode, said.provisional) == ("2026-05-27", False)


@pytest.mark.parametrize(
    "money",
    [
        deposited("0.001", TOMORROW),
        settled("0.001", TOMORROW),
        settled("0", TOMORROW, opening_equity="0.001"),
        baselined(OPENED, DAY, day=TOMORROW),
        baselined(OPENED, None, DAY, day=TOMORROW),
    ],
)
def test_money_of_any_kind_takes_it_back_and_none_is_asked_for(money: TradingEvent) -> None:
    (said,) = asked.when(money)
    assert (said.step.value, said.summary, said.facts) == ("withdrawn", "客户已入金", {})
    assert not asked.given(money).when(closed(date(2026, 6, 3)))
    assert not new.given(money).when(closed(date(2026, 6, 3)))


def test_a_deposit_that_is_taken_back_was_none() -> None:
    back = took_back("5", TOMORROW, direction="deposit")
    said = asked.told(deposited("5", TOMORROW), back, closed(TOMORROW), closed(date(2026, 6, 3)))
    assert [(a.type, a.data.revision) for a in said] == [
        ("alert.withdrawn", 2),
        ("alert.raised", 3),
    ]


def test_a_settlement_without_money_is_no_money() -> None:
    assert asked.told(settled("0", DAY), settled("-5", TOMORROW)) == []


def test_of_an_account_whose_opening_is_unknown_or_to_come_it_stays_silent() -> None:
    assert not rule.when(closed(DAY))
    assert not rule.given(baselined(TOMORROW)).when(closed(DAY))
    assert not rule.given(baselined(DAY)).when(closed(DAY))


def test_backfilled_history_says_nothing() -> None:
    assert new.told(settled(0, DAY, backfill=True)) == []


@pytest.mark.parametrize(
    ("changed", "day", "usual", "moved"),
    [
        ({"days": 4}, DAY, True, False),
        ({"days": 2}, YESTERDAY, False, True),
        ({"until": 9}, TENTH, True, False),
        ({"until": 11}, date(2026, 6, 11), False, True),
        ({"days": 60, "until": 60}, date(2026, 8, 20), False, True),
    ],
)
def test_each_threshold_moved_by_a_day_moves_the_day(
    changed: dict[str, int], day: date, usual: bool, moved: bool
) -> None:
    other = Scenario(UnfundedAccount.model_validate(changed)).given(baselined(OPENED, day=OPENED))
    assert steps(new.when(closed(day))) == ["raised"] * usual
    assert steps(other.when(closed(day))) == ["raised"] * moved


def test_its_defaults_are_the_products() -> None:
    assert (UnfundedAccount().days, UnfundedAccount().until) == (3, 10)
