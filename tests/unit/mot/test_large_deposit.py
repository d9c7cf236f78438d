"""大额入金: the line of 大额出金, drawn over the day's deposits less their reversals."""

from decimal import Decimal

import pytest

from services.mot.domain.detectors.large_deposit import LargeDeposit
from tests.kit.events import (
    DAY,
    TOMORROW,
    YESTERDAY,
    closed,
    deposited,
    settled,
    took_back,
    withdrew,
)
from tests.kit.scenario import Scenario, happened, steps

rule = Scenario(LargeDeposit())
rich = rule.given(settled("20000000", YESTERDAY))
middling = rule.given(settled("2000000", YESTERDAY))


@pytest.mark.parametrize(
    ("opening", "line", "just_under"),
    [
        ("20000000", "5000000", "4999999.999"),  # the limit
        ("2000000", "1000000", "999999.999"),  # the share
        ("1000000.001", "500000.001", "500000"),  # half a 厘 is not reached by the 厘 below it
        ("100000", "500000", "499999.999"),  # the floor
        ("-3000000", "500000", "499999.999"),
    ],
)
def test_reaching_the_line_counts_and_one_li_less_does_not(
    opening: str, line: str, just_under: str
) -> None:
    given = rule.given(settled(opening, YESTERDAY))
    assert steps(given.when(deposited(line))) == ["raised"]
    assert not given.when(deposited(just_under))


def test_an_unknown_opening_equity_counts_as_nothing() -> None:
    (said,) = rule.when(deposited("500000"))
    assert said.facts["日初权益"] == "未知"
    assert not rule.when(deposited("499999.999"))


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = middling.given(deposited("400000")).when(deposited("600000"))
    assert said.summary == "今日累计入金100万元，达到警戒线100万元"
    assert list(said.facts.items()) == [
        ("今日累计", "100万元"),
        ("本笔金额", "600,000.00元"),
        ("警戒线", "100万元"),
        ("日初权益", "2,000,000.00元"),
    ]
    assert (said.episode, said.provisional) == ("2026-06-01", True)


def test_each_further_multiple_is_an_update_and_a_jump_is_one() -> None:
    said = middling.told(*[deposited("1000000")] * 2, deposited("5000000"))
    assert happened(said) == ["raised", "updated", "updated"]
    assert not middling.given(deposited("1000000")).when(deposited("999999.999"))


def test_what_is_withdrawn_takes_nothing_off() -> None:
    given = middling.given(withdrew("5000000"), deposited("999999.999"))
    assert steps(given.when(deposited("0.001"))) == ["raised"]
    assert not given.when(withdrew("1"))


def test_a_reversed_deposit_takes_it_back_and_a_reversed_withdrawal_does_not() -> None:
    given = middling.given(withdrew("300000"), deposited("1000000"))
    (said,) = given.when(took_back("0.001", direction="deposit"))
    assert said.step.value == "withdrawn"
    assert said.summary == "冲正后今日累计入金99.9999万元，已低于警戒线100万元"
    assert not given.when(took_back("300000"))


def test_a_new_trading_day_starts_from_zero() -> None:
    given = middling.given(deposited("900000"))
    assert not given.when(deposited("900000", TOMORROW))


@pytest.mark.parametrize(
    ("changed", "opening", "sum_"),
    [
        ({"limit": "5000000.001"}, "20000000", "5000000"),
        ({"floor": "500000.001"}, "100000", "500000"),
        ({"share": "0.500000001"}, "2000000", "1000000"),
    ],
)
def test_each_threshold_moved_by_its_smallest_unit_moves_the_line(
    changed: dict[str, str], opening: str, sum_: str
) -> None:
    history = settled(opening, YESTERDAY)
    moved = Scenario(LargeDeposit.model_validate(changed))
    assert rule.given(history).when(deposited(sum_))
    assert not moved.given(history).when(deposited(sum_))


def test_its_defaults_are_the_products() -> None:
    detector = LargeDeposit()
    assert (detector.limit, detector.floor, detector.share) == (
        Decimal(5_000_000),
        Decimal(500_000),
        Decimal("0.5"),
    )


def test_the_settlement_confirms_amends_or_takes_back() -> None:
    given = middling.given(deposited("1000000"))
    (same,) = given.when(settled("3000000", DAY))
    assert (same.step.value, same.summary) == ("confirmed", "结算确认：当日累计入金100万元")
    (more,) = given.given(deposited("1")).when(settled("3000000", DAY))
    assert (more.step.value, more.summary) == (
        "amended",
        "结算更正：当日累计入金100.0001万元，警戒线100万元",
    )
    (over,) = given.when(settled("3000000", DAY, opening_equity="2000000.002"))
    assert over.step.value == "withdrawn"
    assert over.summary == "按结算重算后今日累计入金100万元，已低于警戒线100万元"


def test_the_settlement_raises_what_only_its_own_opening_equity_shows() -> None:
    given = rich.given(deposited("600000"))
    (said,) = given.when(settled("1", DAY, opening_equity="1200000"))
    assert (said.step.value, said.provisional) == ("raised", False)
    assert not given.when(settled("1", DAY, opening_equity="1200000.002"))


def test_a_replacement_settlement_speaks_only_of_what_changed() -> None:
    given = middling.given(deposited("1000000"), settled("3000000", DAY))
    assert not given.when(settled("3500000", DAY))
    assert steps(given.given(deposited("1")).when(settled("3000000", DAY))) == ["amended"]


def test_a_day_is_settled_after_the_next_days_night_session_has_begun() -> None:
    given = middling.given(deposited("1000000"), deposited("1200000", TOMORROW))
    said = given.told(settled("3000000", DAY))
    assert [(a.type, a.data.episode) for a in said] == [
        ("alert.confirmed", "2026-06-01"),
        ("alert.withdrawn", "2026-06-02"),
    ]


def test_a_days_close_and_backfilled_history_say_nothing() -> None:
    settled_too = middling.given(deposited("1000000"), settled("2000000", DAY))
    assert settled_too.told(closed(DAY)) == []
    assert middling.told(deposited("1000000", backfill=True)) == []


def test_a_rehearsal_has_a_sum_of_its_own() -> None:
    (said,) = middling.told(
        deposited("900000"), deposited("900000", rehearsal=True), deposited("100000")
    )[1:]
    assert (said.type, said.data.rehearsal) == ("alert.raised", False)


def test_a_reversal_of_everything_withdraws_it() -> None:
    given = middling.given(deposited("1000000"))
    assert steps(given.when(took_back("1000000", direction="deposit"))) == ["withdrawn"]
