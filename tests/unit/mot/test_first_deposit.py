"""首次入金: the first money of a client whose opening is known."""

from datetime import date

import pytest

from services.mot.domain.detectors.first_deposit import FirstDeposit
from services.mot.domain.events import TradingEvent
from tests.kit.events import (
    DAY,
    TOMORROW,
    YESTERDAY,
    baselined,
    closed,
    deposited,
    settled,
    took_back,
    withdrew,
)
from tests.kit.scenario import Scenario, happened, steps

OPENED = date(2026, 5, 28)
rule = Scenario(FirstDeposit())
new = rule.given(baselined(OPENED))
welcomed = new.given(deposited("20000"))


def test_the_first_deposit_is_told_and_no_other() -> None:
    assert steps(new.when(deposited("0.001"))) == ["raised"]
    assert not welcomed.when(deposited("900000"))
    assert not welcomed.when(deposited("900000", TOMORROW))


def test_a_withdrawal_is_no_deposit() -> None:
    assert new.told(withdrew("5")) == []


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = new.when(deposited("20000.5"))
    assert said.summary == "客户首次入金20,000.50元"
    assert list(said.facts.items()) == [("入金", "20,000.50元"), ("开户日", "2026-05-28")]
    assert (said.episode, said.provisional) == ("first", False)


@pytest.mark.parametrize(
    ("known", "speaks"),
    [
        ([], False),  # nobody knows when it was opened
        ([baselined(OPENED, DAY)], False),
        ([baselined(OPENED, None, DAY)], False),
        ([baselined(OPENED), settled("0.001", YESTERDAY)], False),
        ([baselined(OPENED), settled("0", YESTERDAY)], True),
        ([baselined(OPENED), settled("-5", YESTERDAY)], True),
        ([baselined(OPENED), settled("0", YESTERDAY, opening_equity="0.001")], False),
        ([baselined(OPENED), settled("0", YESTERDAY, opening_equity="0")], True),
        ([deposited("5", YESTERDAY), baselined(OPENED)], False),
    ],
)
def test_money_that_was_there_before_is_not_welcomed(
    known: list[TradingEvent], speaks: bool
) -> None:
    assert steps(rule.given(*known).when(deposited("20000"))) == ["raised"] * speaks


def test_a_reversal_of_all_of_it_takes_it_back_and_the_next_is_the_first() -> None:
    (said,) = welcomed.when(took_back("20000", direction="deposit"))
    assert (said.step.value, said.episode) == ("withdrawn", "first")
    assert said.summary == "首次入金20,000.00元已冲正"
    assert said.facts == {}
    again = welcomed.told(took_back("20000", direction="deposit"), deposited("3", TOMORROW))
    assert [(a.type, a.data.revision) for a in again] == [
        ("alert.withdrawn", 2),
        ("alert.raised", 3),
    ]


def test_a_reversal_of_a_part_leaves_it() -> None:
    assert not welcomed.when(took_back("19999.999", direction="deposit"))
    assert not welcomed.given(deposited("5")).when(took_back("20000", direction="deposit"))


def test_a_reversal_of_a_withdrawal_or_of_another_day_leaves_it() -> None:
    assert not welcomed.given(withdrew("20000")).when(took_back("20000"))
    later = welcomed.given(deposited("7", TOMORROW))
    assert not later.when(took_back("7", TOMORROW, direction="deposit"))


def test_money_known_otherwise_is_not_taken_back_by_a_reversal() -> None:
    given = rule.given(baselined(OPENED), settled("0.001", YESTERDAY), deposited("20000"))
    assert not given.when(took_back("20000", direction="deposit"))


def test_a_settled_day_of_the_first_deposit_may_still_be_reversed() -> None:
    given = welcomed.given(settled("20000", DAY), settled("20000", TOMORROW))
    assert steps(given.when(took_back("20000", DAY, direction="deposit"))) == ["withdrawn"]


def test_settlements_and_closes_say_nothing_of_it() -> None:
    assert welcomed.told(settled("20000", DAY), closed(DAY), settled("0", TOMORROW)) == []


def test_backfilled_history_says_nothing_and_counts() -> None:
    assert new.told(deposited("20000", backfill=True), deposited("5")) == []


def test_a_rehearsal_is_no_first_deposit() -> None:
    said = new.told(baselined(OPENED, rehearsal=True), deposited("9", rehearsal=True))
    assert [alert.data.rehearsal for alert in said] == [True]
    assert happened(new.given(deposited("9", rehearsal=True)).told(deposited("5"))) == ["raised"]
