"""单日回撤: more than a fifth of opening equity and deposits lost; withdrawals are no loss."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.mot.domain.account import changed
from services.mot.domain.detector import UNVERIFIED
from services.mot.domain.detectors.daily_drawdown import DailyDrawdown
from services.mot.domain.events import AccountSnapshotted
from shared.kernel.trading_day import china
from tests.kit.events import (
    DAY,
    TOMORROW,
    YESTERDAY,
    closed,
    deposited,
    moment,
    settled,
    snapshotted,
    took_back,
    withdrew,
)
from tests.kit.scenario import Scenario, happened, steps

rule = Scenario(DailyDrawdown())
usual = rule.given(settled("100000", YESTERDAY))


def seen(at: str, equity: str, **given: Any) -> AccountSnapshotted:
    return snapshotted(equity, moment(DAY, at), **given)


told = usual.given(seen("10:00", "70000"))


@pytest.mark.parametrize(
    ("opening", "just_over", "exactly"),
    [
        ("100000", "79999.999", "80000"),
        ("100000.001", "80000", "80000.001"),  # a fifth of the last 厘 is none that can be lost
        ("0.005", "0.003", "0.004"),
    ],
)
def test_more_than_the_share_counts_and_exactly_it_does_not(
    opening: str, just_over: str, exactly: str
) -> None:
    given = rule.given(settled(opening, YESTERDAY))
    assert steps(given.when(seen("10:00", just_over))) == ["raised"]
    assert not given.when(seen("10:00", exactly))


def test_an_unknown_opening_equity_is_not_judged() -> None:
    assert not rule.when(seen("10:00", "-1000000"))
    assert not rule.when(settled("-1000000", DAY))
    assert rule.when(settled("1", DAY, opening_equity="100000"))


@pytest.mark.parametrize("opening", ["0", "-100000"])
def test_without_a_base_there_is_no_share(opening: str) -> None:
    assert not rule.given(settled(opening, YESTERDAY)).when(seen("10:00", "-900000"))


def test_deposits_count_into_the_base_and_withdrawals_are_no_loss() -> None:
    paid_in = usual.given(deposited("50000"))
    assert not paid_in.when(seen("10:00", "120000"))
    assert paid_in.when(seen("10:00", "119999.999"))
    paid_out = usual.given(withdrew("30000"))
    assert not paid_out.when(seen("10:00", "50000"))
    assert paid_out.when(seen("10:00", "49999.999"))


def test_reversals_are_taken_off() -> None:
    given = usual.given(
        deposited("50000"),
        took_back("50000", direction="deposit"),
        withdrew("9000"),
        took_back("9000"),
    )
    assert not given.when(seen("10:00", "80000"))
    assert given.when(seen("10:00", "79999.999"))


def test_the_sums_that_the_source_states_go_before_those_that_were_told() -> None:
    given = usual.given(deposited("50000"), withdrew("50000"))
    assert not given.when(seen("10:00", "80000", deposit="0", withdrawal="0"))
    assert given.when(seen("10:00", "79999.999", deposit="0", withdrawal="0"))
    assert given.when(seen("10:00", "69999.999", withdrawal="50000"))
    assert not given.when(seen("10:00", "70000", withdrawal="50000"))


def test_movements_of_other_days_are_not_the_days() -> None:
    given = usual.given(deposited("900000", TOMORROW), withdrew("900000", TOMORROW))
    assert not given.when(seen("10:00", "80000"))


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = usual.given(deposited("20000")).when(seen("10:00", "85000"))
    assert said.summary == "当日回撤29.16%，亏损35,000.00元"
    assert list(said.facts.items()) == [
        ("回撤", "29.16%"),
        ("亏损", "35,000.00元"),
        ("日初加入金", "120,000.00元"),
    ]
    assert (said.episode, said.provisional, said.figure) == ("2026-06-01", True, 2916)


def test_it_speaks_once_a_trading_day_and_no_snapshot_takes_it_back() -> None:
    assert not told.when(seen("10:05", "10000"))
    assert not told.when(seen("10:05", "100000"))
    night = snapshotted("70000", moment(DAY, "21:05"))
    assert not told.when(night), "what the night began with is not settled yet"
    (said,) = told.given(settled("100000", DAY)).when(night)
    assert (said.step.value, said.episode) == ("raised", "2026-06-02")


def test_an_older_snapshot_changes_nothing() -> None:
    given = usual.given(seen("10:05", "100000"))
    assert not given.when(seen("10:05", "70000"))
    assert given.when(seen("10:05:00.001", "70000"))


def test_a_snapshot_of_a_settled_day_is_not_judged() -> None:
    given = usual.given(settled("100000", DAY))
    assert not given.when(seen("14:59", "10000"))


def test_the_settlement_confirms_amends_or_takes_back() -> None:
    (same,) = told.when(settled("70000", DAY))
    assert (same.step.value, same.summary) == ("confirmed", "结算确认：当日回撤30%")
    (other,) = told.when(settled("65000", DAY))
    assert other.step.value == "amended"
    assert other.summary == "结算更正：当日回撤35%，亏损35,000.00元"
    (over,) = told.when(settled("80000", DAY))
    assert (over.step.value, over.summary) == ("withdrawn", "按结算当日回撤20%，未超过警戒线")
    assert not same.provisional


def test_a_settlement_without_a_base_takes_it_back() -> None:
    (said,) = told.when(settled("0", DAY, opening_equity="0"))
    assert (said.step.value, said.summary) == ("withdrawn", "按结算当日回撤0%，未超过警戒线")


def test_what_follows_the_settlement_is_not_needless() -> None:
    (said,) = told.told(settled("70000", DAY))
    assert said.data.action == "请以结算后的回撤为准，必要时跟进。"


def test_the_settlement_raises_what_no_snapshot_showed() -> None:
    (said,) = usual.when(settled("79999.999", DAY))
    assert (said.step.value, said.provisional) == ("raised", False)
    assert not usual.when(settled("80000", DAY))
    assert not usual.given(settled("79999.999", DAY)).when(settled("79999.999", DAY))
    assert usual.given(settled("79999.999", DAY)).told(closed(DAY)) == []


def test_the_settlement_is_judged_by_the_opening_equity_it_states() -> None:
    assert steps(told.when(settled("70000", DAY, opening_equity="80000"))) == ["withdrawn"]
    assert steps(usual.when(settled("90000", DAY, opening_equity="112500.002"))) == ["raised"]
    assert not usual.when(settled("90000", DAY, opening_equity="112500"))


def test_a_replacement_settlement_speaks_only_of_what_changed() -> None:
    given = told.given(settled("70000", DAY))
    assert not given.when(settled("70000", DAY))
    assert steps(given.when(settled("69990", DAY))) == ["amended"]
    assert steps(given.when(settled("80000", DAY))) == ["withdrawn"]


def test_what_the_settlement_took_back_only_a_settlement_raises_again() -> None:
    given = told.given(settled("80000", DAY))
    assert happened(given.told(seen("14:59", "10000"))) == []
    assert happened(given.told(settled("70000", DAY))) == ["raised"]


def test_the_next_days_night_is_not_judged_before_the_day_is_settled() -> None:
    night = snapshotted("70000", moment(DAY, "21:05"))
    said = told.told(night, settled("70000", DAY), settled("70000", TOMORROW))
    assert [(a.type, a.data.episode) for a in said] == [
        ("alert.confirmed", "2026-06-01"),
    ]


def test_what_no_settlement_has_verified_expires_at_its_days_close() -> None:
    (said,) = told.told(closed(YESTERDAY), closed(DAY), closed(DAY))
    assert (said.type, said.data.summary) == ("alert.withdrawn", UNVERIFIED)
    assert happened(told.given(closed(DAY)).told(settled("70000", DAY))) == ["raised"]
    assert told.given(settled("70000", DAY)).told(closed(DAY)) == []


def test_a_settlement_that_tells_no_loss_leaves_it_as_it_was_told() -> None:
    unknown = Scenario(rule.detector, changed(told.account, settlements={}, settled=None))
    late = settled("70000", DAY)
    assert unknown.told(late, closed(DAY)) == []
    assert unknown.given(late).account.spoken["daily_drawdown|2026-06-01"].settled


def test_why_shows_the_days_fall_beside_the_line() -> None:
    account = usual.given(seen("10:00", "70000")).account
    (shown,) = DailyDrawdown().why(account, china())
    assert (shown.figure, shown.line, shown.met) == ("30%", "> 20%", True)


@pytest.mark.parametrize(
    ("equity", "said"), [("70000", "confirmed"), ("65000", "amended"), ("80000", "withdrawn")]
)
def test_a_settlement_that_a_later_day_has_overtaken_still_has_the_last_word_on_its_own(
    equity: str, said: str
) -> None:
    overtaken = told.given(settled("60000", TOMORROW, opening_equity="61000"))
    (alert,) = overtaken.told(settled(equity, DAY))
    assert (alert.type, alert.data.episode) == (f"alert.{said}", "2026-06-01")
    assert (alert.data.revision, alert.data.provisional) == (2, False)
    assert not overtaken.given(settled(equity, DAY)).when(settled(equity, DAY))


@pytest.mark.parametrize(("last", "speaks"), [(11, True), (12, False)])
def test_nothing_new_is_told_of_a_day_long_ago(last: int, speaks: bool) -> None:
    given = usual.given(settled("100000", date(2026, 6, last)))
    assert happened(given.told(settled("70000", DAY))) == ["raised"] * speaks


def test_backfilled_history_says_nothing() -> None:
    assert usual.told(seen("10:00", "1", backfill=True), settled("1", DAY, backfill=True)) == []


def test_the_share_moved_by_its_smallest_unit_moves_the_line() -> None:
    moved = Scenario(DailyDrawdown(share=Decimal("0.2000001"))).given(settled("100000", YESTERDAY))
    assert not moved.when(seen("10:00", "79999.999"))
    assert DailyDrawdown().share == Decimal("0.2")
