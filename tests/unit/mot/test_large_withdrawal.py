"""大额出金: line = min(500万, max(50万, half of the day's opening equity)); reaching it counts."""

from decimal import Decimal

import pytest

from services.mot.domain.detector import UNVERIFIED
from services.mot.domain.detectors.large_withdrawal import LargeWithdrawal
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
from tests.kit.scenario import Scenario, steps

rule = Scenario(LargeWithdrawal())
rich = rule.given(settled("20000000", YESTERDAY))
middling = rule.given(settled("2000000", YESTERDAY))
poor = rule.given(settled("100000", YESTERDAY))


@pytest.mark.parametrize(
    ("opening", "line", "just_under"),
    [
        ("20000000", "5000000", "4999999.999"),  # the limit
        ("10000000", "5000000", "4999999.999"),  # where share and limit meet
        ("9999999.998", "4999999.999", "4999999.998"),  # the share, just under the limit
        ("2000000", "1000000", "999999.999"),  # the share
        ("1000000.002", "500000.001", "500000"),  # the share, just over the floor
        ("1000000.001", "500000.001", "500000"),  # half a 厘 is not reached by the 厘 below it
        ("1000000", "500000", "499999.999"),  # where share and floor meet
        ("100000", "500000", "499999.999"),  # the floor
        ("0", "500000", "499999.999"),
        ("-3000000", "500000", "499999.999"),
    ],
)
def test_reaching_the_line_counts_and_one_li_less_does_not(
    opening: str, line: str, just_under: str
) -> None:
    given = rule.given(settled(opening, YESTERDAY))
    assert steps(given.when(withdrew(line))) == ["raised"]
    assert not given.when(withdrew(just_under))


def test_an_unknown_opening_equity_counts_as_nothing_so_the_floor_holds() -> None:
    assert not rule.when(withdrew("499999.999"))
    (said,) = rule.when(withdrew("500000"))
    assert said.facts["日初权益"] == "未知"
    assert said.facts["警戒线"] == "50万元"


def test_money_in_another_currency_is_in_no_sum_of_yuan() -> None:
    assert not rich.when(withdrew("5000000", currency="USD"))
    given = rich.given(withdrew("4999999", currency="USD"), deposited("9", currency="USD"))
    assert steps(given.when(withdrew("5000000"))) == ["raised"]
    back = rich.given(withdrew("5000000"))
    assert not back.when(took_back("5000000", currency="USD"))


def test_small_withdrawals_add_up_within_a_day() -> None:
    given = middling.given(withdrew("400000"), withdrew("599999.999"))
    assert steps(given.when(withdrew("0.001"))) == ["raised"]


def test_it_speaks_once_until_the_next_multiple() -> None:
    given = middling.given(withdrew("1000000"))
    assert not given.when(withdrew("999999.999"))
    assert steps(given.when(withdrew("1000000"))) == ["updated"]


def test_it_updates_once_however_many_multiples_it_jumps() -> None:
    given = middling.given(withdrew("1000000"))
    assert steps(given.when(withdrew("7500000"))) == ["updated"]


def test_it_is_raised_once_however_many_multiples_the_first_withdrawal_jumps() -> None:
    assert steps(middling.when(withdrew("9000000"))) == ["raised"]


def test_each_further_multiple_is_told() -> None:
    said = middling.told(*[withdrew("1000000")] * 3)
    assert [alert.type for alert in said] == ["alert.raised", "alert.updated", "alert.updated"]
    assert [alert.data.revision for alert in said] == [1, 2, 3]


def test_a_deposit_takes_nothing_off() -> None:
    given = middling.given(withdrew("600000"), deposited("5000000"))
    assert not given.when(deposited("1"))
    assert given.when(withdrew("400000"))


def test_a_new_trading_day_starts_from_zero() -> None:
    given = middling.given(withdrew("1000000"))
    assert not given.when(withdrew("999999.999", TOMORROW))
    assert steps(given.when(withdrew("1000000", TOMORROW))) == ["raised"]


def test_two_trading_days_have_two_alerts() -> None:
    first, second = middling.told(withdrew("1000000"), withdrew("1000000", TOMORROW))
    assert first.data.episode == "2026-06-01"
    assert second.data.episode == "2026-06-02"
    assert first.data.alert_id != second.data.alert_id


def test_a_reversal_that_leaves_the_sum_on_the_line_changes_nothing() -> None:
    given = middling.given(withdrew("1000000"), withdrew("1"))
    assert not given.when(took_back("1"))


def test_a_reversal_that_takes_the_sum_back_under_the_line_withdraws_it() -> None:
    given = middling.given(withdrew("1000000"), withdrew("1"))
    (said,) = given.when(took_back("1.001"))
    assert said.step.value == "withdrawn"
    assert said.summary == "冲正后今日累计出金99.9999万元，已低于警戒线100万元"
    assert said.facts["本笔金额"] == "1.001元"
    assert not given.given(took_back("1.001")).when(took_back("1"))


def test_a_reversal_of_a_deposit_withdraws_nothing() -> None:
    given = middling.given(deposited("1000000"), withdrew("1000000"))
    assert not given.when(took_back("1000000", direction="deposit"))


def test_crossing_again_is_the_same_alert_raised_again() -> None:
    said = middling.told(withdrew("1000000"), took_back("1"), withdrew("1"))
    assert [(alert.type, alert.data.revision) for alert in said] == [
        ("alert.raised", 1),
        ("alert.withdrawn", 2),
        ("alert.raised", 3),
    ]
    assert len({alert.data.alert_id for alert in said}) == 1
    assert len({alert.id for alert in said}) == 3


def test_the_night_session_counts_for_its_own_day_while_the_day_before_is_unsettled() -> None:
    given = middling.given(withdrew("900000"), withdrew("900000", TOMORROW))
    assert given.when(withdrew("100000", TOMORROW))
    assert given.given(settled("2000000", DAY)).when(withdrew("100000", TOMORROW))


def test_a_late_settlement_that_lowers_the_opening_equity_raises_what_reaches_the_new_line() -> (
    None
):
    given = rich.given(withdrew("600000", TOMORROW))
    assert steps(given.when(settled("1200000", DAY))) == ["raised"]
    assert not given.when(settled("1200000.002", DAY))


def test_a_late_settlement_that_raises_the_opening_equity_withdraws_what_no_longer_reaches() -> (
    None
):
    given = middling.given(withdrew("1000000", TOMORROW))
    assert steps(given.when(settled("2000000.002", DAY))) == ["withdrawn"]
    assert not given.when(settled("2000000", DAY))


def test_the_settlement_states_the_opening_equity_of_its_own_day() -> None:
    given = poor.given(withdrew("500000"))
    assert steps(given.when(settled("100000", DAY, opening_equity="2000000"))) == ["withdrawn"]


def test_movements_that_come_after_the_settlement_of_their_day_are_still_its_own() -> None:
    given = rule.given(settled("1000000", DAY, opening_equity="2000000"))
    assert not given.when(withdrew("999999.999", DAY))
    assert steps(given.when(withdrew("1000000", DAY))) == ["raised"]


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    given = rule.given(settled("9000000", YESTERDAY), withdrew("1234567.5"))
    (said,) = given.when(withdrew("3765432.5"))
    assert list(said.facts.items()) == [
        ("今日累计", "500万元"),
        ("本笔金额", "3,765,432.50元"),
        ("警戒线", "450万元"),
        ("日初权益", "9,000,000.00元"),
    ]
    assert said.summary == "今日累计出金500万元，达到警戒线450万元"
    assert said.provisional


@pytest.mark.parametrize(
    ("changed", "sum_"),
    [
        ({"limit": "5000000.001"}, "5000000"),
        ({"floor": "500000.001"}, "500000"),
        ({"share": "0.500000001"}, "1000000"),
    ],
)
def test_each_threshold_moved_by_its_smallest_unit_moves_the_line(
    changed: dict[str, str], sum_: str
) -> None:
    opening = {"limit": "20000000", "floor": "100000", "share": "2000000"}[next(iter(changed))]
    history = settled(opening, YESTERDAY)
    moved = Scenario(LargeWithdrawal.model_validate(changed))
    assert rule.given(history).when(withdrew(sum_))
    assert not moved.given(history).when(withdrew(sum_))


def test_its_defaults_are_the_products() -> None:
    detector = LargeWithdrawal()
    assert (detector.limit, detector.floor, detector.share) == (
        Decimal(5_000_000),
        Decimal(500_000),
        Decimal("0.5"),
    )


def test_a_settlement_that_states_no_opening_equity_leaves_the_days_line_alone() -> None:
    given = rich.given(withdrew("600000"))
    assert not given.when(settled("19400000", DAY))


def test_an_alert_that_a_settlement_takes_back_speaks_of_no_reversal() -> None:
    given = middling.given(withdrew("1000000", TOMORROW))
    (said,) = given.when(settled("20000000", DAY))
    assert said.summary == "按结算重算后今日累计出金100万元，已低于警戒线500万元"
    assert "本笔金额" not in said.facts


def test_a_movement_added_to_an_older_day_is_judged_by_that_days_own_line() -> None:
    given = rich.given(settled("20000000", DAY), settled("20000000", TOMORROW))
    assert not given.when(withdrew("600000", DAY))


def test_the_settlement_confirms_what_was_told_by_day_once() -> None:
    given = middling.given(withdrew("1000000"))
    (said,) = given.when(settled("1000000", DAY))
    assert (said.step.value, said.provisional) == ("confirmed", False)
    assert said.summary == "结算确认：当日累计出金100万元"
    assert list(said.facts) == ["今日累计", "警戒线", "日初权益"]
    assert not given.given(settled("1000000", DAY)).when(settled("1000000", DAY))


def test_the_settlement_amends_a_sum_that_has_grown_since_it_was_told() -> None:
    given = middling.given(withdrew("1000000"), withdrew("500000"))
    (said,) = given.when(settled("500000", DAY))
    assert said.step.value == "amended"
    assert said.summary == "结算更正：当日累计出金150万元，警戒线100万元"


def test_the_settlement_raises_what_only_its_own_opening_equity_shows() -> None:
    given = rich.given(withdrew("600000"))
    (said,) = given.when(settled("100000", DAY, opening_equity="1200000"))
    assert (said.step.value, said.provisional) == ("raised", False)
    assert not given.when(settled("100000", DAY, opening_equity="1200000.002"))


def test_a_replacement_settlement_speaks_only_of_what_changed() -> None:
    given = middling.given(withdrew("1000000"), settled("1000000", DAY), withdrew("0.001"))
    (said,) = given.when(settled("1000000", DAY))
    assert said.step.value == "amended"
    assert not given.given(settled("1000000", DAY)).when(settled("999999", DAY))
    (over,) = given.when(settled("1000000", DAY, opening_equity="2000000.004"))
    assert over.step.value == "withdrawn"


def test_what_a_settlement_took_back_another_may_raise_again() -> None:
    said = middling.told(
        withdrew("1000000"),
        settled("1000000", DAY, opening_equity="20000000"),
        settled("1000000", DAY, opening_equity="2000000"),
        settled("1000000", DAY, opening_equity="2000000"),
    )
    assert [(alert.type, alert.data.revision) for alert in said] == [
        ("alert.raised", 1),
        ("alert.withdrawn", 2),
        ("alert.raised", 3),
    ]


def test_a_day_is_settled_after_the_next_days_night_session_has_begun() -> None:
    given = middling.given(withdrew("1000000"), withdrew("600000", TOMORROW))
    first, second = given.told(settled("1200000", DAY))
    assert (first.type, first.data.episode) == ("alert.confirmed", "2026-06-01")
    assert (second.type, second.data.episode) == ("alert.raised", "2026-06-02")
    assert (first.data.provisional, second.data.provisional) == (False, True)


def test_what_no_settlement_has_verified_expires_at_its_days_close() -> None:
    given = middling.given(withdrew("1000000"), withdrew("1000000", TOMORROW))
    assert given.told(closed(YESTERDAY)) == []
    (said,) = given.told(closed(DAY))
    assert (said.type, said.data.episode) == ("alert.withdrawn", "2026-06-01")
    assert said.data.summary == UNVERIFIED
    late = given.given(closed(DAY)).told(settled("2000000", DAY))
    assert [(a.type, a.data.revision) for a in late] == [("alert.raised", 3)]


def test_a_movement_of_a_settled_day_stands_behind_its_close() -> None:
    given = middling.given(settled("2000000", DAY), withdrew("1000000"))
    assert given.account.standing("large_withdrawal")
    assert given.told(closed(DAY)) == []


def test_a_movement_of_a_settled_day_is_final() -> None:
    given = rule.given(settled("1000000", DAY, opening_equity="2000000"))
    (said,) = given.when(withdrew("1000000", DAY))
    assert not said.provisional
    assert steps(given.given(withdrew("1000000", DAY)).when(took_back("1"))) == ["withdrawn"]


def test_a_days_close_and_backfilled_history_say_nothing() -> None:
    given = middling.given(withdrew("1000000"))
    assert given.given(settled("1000000", DAY)).told(closed(DAY)) == []
    assert middling.told(withdrew("1000000", backfill=True)) == []
    assert given.told(settled("1000000", DAY, backfill=True)) == []


def test_a_reversal_of_everything_withdraws_it() -> None:
    given = middling.given(withdrew("1000000"))
    assert steps(given.when(took_back("1000000"))) == ["withdrawn"]


@pytest.mark.parametrize(("settled_last", "speaks"), [(11, True), (12, False)])
def test_a_late_movement_is_told_for_ten_calendar_days(settled_last: int, speaks: bool) -> None:
    given = middling.given(
        settled("2000000", DAY), settled("2000000", DAY.replace(day=settled_last))
    )
    assert steps(given.when(withdrew("1000000", DAY))) == ["raised"] * speaks
