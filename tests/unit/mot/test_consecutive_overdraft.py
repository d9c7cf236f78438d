"""连续透支: settled available < 0 on two trading days running, 10万 in all."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.mot.domain.detector import UNVERIFIED
from services.mot.domain.detectors.consecutive_overdraft import ConsecutiveOverdraft
from services.mot.domain.events import AccountSettled
from shared.kernel.trading_day import china
from tests.kit.events import closed, moment, settled, snapshotted
from tests.kit.scenario import Scenario, happened, steps

MON, TUE, WED, THU, FRI = (date(2026, 6, n) for n in range(1, 6))
NEXT_MON = date(2026, 6, 8)
rule = Scenario(ConsecutiveOverdraft())


def short_of(owed: str, day: date) -> AccountSettled:
    """Settled with so much 元 missing."""
    return settled("1000000", day, available=f"-{owed}")


def covered(day: date, available: str = "0") -> AccountSettled:
    return settled("1000000", day, available=available)


def test_two_days_that_reach_the_limit_together_are_told_on_the_second() -> None:
    given = rule.given(short_of("40000", MON))
    assert steps(given.when(short_of("60000", TUE))) == ["raised"]
    assert not given.when(short_of("59999.999", TUE))


def test_one_day_is_never_enough() -> None:
    assert not rule.when(short_of("9000000", MON))


def test_the_limit_may_be_reached_on_a_later_day_of_the_run() -> None:
    given = rule.given(short_of("30000", MON), short_of("30000", TUE))
    assert steps(given.when(short_of("40000", WED))) == ["raised"]


def test_each_further_day_of_the_run_is_an_update_of_the_same_alert() -> None:
    said = rule.told(*(short_of("60000", day) for day in (MON, TUE, WED, THU)))
    assert [(a.type, a.data.revision) for a in said] == [
        ("alert.raised", 1),
        ("alert.updated", 2),
        ("alert.updated", 3),
    ]
    assert {a.data.episode for a in said} == {"2026-06-01"}
    assert len({a.data.alert_id for a in said}) == 1


def test_a_day_at_zero_ends_the_run_and_one_li_under_does_not() -> None:
    given = rule.given(short_of("90000", MON))
    assert not given.given(covered(TUE, "0")).when(short_of("90000", WED))
    assert steps(given.given(short_of("0.001", TUE)).when(short_of("9999.999", WED))) == ["raised"]


def test_a_run_that_ended_is_forgotten_and_a_new_one_is_another_alert() -> None:
    days = [short_of("60000", MON), short_of("60000", TUE), covered(WED), short_of("60000", THU)]
    given = rule.given(*days)
    (said,) = given.when(short_of("40000", FRI))
    assert said.step.value == "raised"
    assert said.episode == "2026-06-04"
    assert said.facts["累计透支"] == "10万元"


def test_a_weekend_neither_counts_nor_breaks() -> None:
    given = rule.given(short_of("50000", FRI))
    (said,) = given.when(short_of("50000", NEXT_MON))
    assert said.facts["连续天数"] == "2天"


def test_the_national_holiday_neither_counts_nor_breaks() -> None:
    given = rule.given(short_of("50000", date(2026, 9, 30)))
    (said,) = given.when(short_of("50000", date(2026, 10, 8)))
    assert said.facts["连续天数"] == "2天"
    assert said.episode == "2026-09-30"


def test_a_trading_day_that_was_never_settled_breaks_the_run() -> None:
    given = rule.given(short_of("90000", MON))
    assert not given.when(short_of("90000", WED))


def test_what_is_missing_intraday_is_provisional_and_the_settlement_takes_it_back() -> None:
    given = rule.given(short_of("90000", MON))
    intraday = snapshotted("-90000", moment(TUE, "10:00"))
    (said,) = given.told(intraday)
    assert (said.type, said.data.provisional) == ("alert.raised", True)
    assert steps(given.given(intraday).when(covered(TUE))) == ["withdrawn"]


@pytest.mark.parametrize(("settled_at", "step"), [("90000", "confirmed"), ("90001", "amended")])
def test_the_settlement_confirms_or_amends_what_was_told_intraday(
    settled_at: str, step: str
) -> None:
    intraday = snapshotted("-90000", moment(TUE, "10:00"))
    given = rule.given(short_of("90000", MON), intraday)
    (said,) = given.when(short_of(settled_at, TUE))
    assert (said.step.value, said.provisional) == (step, False)
    assert not given.given(short_of(settled_at, TUE)).when(short_of(settled_at, TUE))


def test_an_intraday_run_is_told_once_and_never_taken_back_by_a_snapshot() -> None:
    given = rule.given(short_of("90000", MON), snapshotted("-90000", moment(TUE, "10:00")))
    assert not given.when(snapshotted("-95000", moment(TUE, "10:01")))
    assert not given.when(snapshotted("5", moment(TUE, "10:01")))


def test_a_day_told_intraday_that_ends_with_money_is_taken_off_by_its_settlement() -> None:
    given = rule.given(
        short_of("60000", MON),
        short_of("60000", TUE),
        snapshotted("-5000", moment(WED, "09:21")),
        snapshotted("0", moment(WED, "09:25")),
    )
    said = given.told(covered(WED))
    assert [(a.type, a.data.facts["连续天数"]) for a in said] == [("alert.amended", "2天")]


def test_the_night_after_an_unsettled_day_already_counts() -> None:
    given = rule.given(
        short_of("60000", MON),
        snapshotted("-60000", moment(TUE, "14:59")),
        snapshotted("-60000", moment(TUE, "21:01")),
    )
    said = given.told(short_of("60000", TUE), covered(WED))
    assert [(a.type, a.data.facts["连续天数"]) for a in said] == [("alert.amended", "2天")]


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    given = rule.given(short_of("60000.125", MON))
    (said,) = given.when(short_of("63456.655", TUE))
    assert list(said.facts.items()) == [
        ("累计透支", "12.3456万元"),
        ("连续天数", "2天"),
        ("当日可用", "-63,456.655元"),
        ("限额", "10万元"),
    ]
    assert said.summary == "连续2个交易日可用资金为负，累计透支12.3456万元"
    assert not said.provisional


def test_it_remembers_how_long_the_run_was_and_that_it_was_taken_back() -> None:
    given = rule.given(short_of("60000", MON), short_of("60000", TUE))
    (further,), (taken_back,) = given.when(short_of("1", WED)), given.when(covered(TUE))
    assert (further.level, taken_back.level) == (3, 0)


def test_the_same_settlement_again_says_nothing() -> None:
    given = rule.given(short_of("60000", MON), short_of("60000", TUE))
    assert not given.when(short_of("60000", TUE))


def test_a_correction_that_changes_the_sum_amends_it() -> None:
    given = rule.given(short_of("60000", MON), short_of("60000", TUE))
    (said,) = given.when(short_of("70000", TUE))
    assert said.step.value == "amended"
    assert said.facts["累计透支"] == "13万元"


@pytest.mark.parametrize("correction", [covered(TUE), short_of("39999.999", TUE)])
def test_a_correction_under_the_limit_withdraws_it(correction: AccountSettled) -> None:
    given = rule.given(short_of("60000", MON), short_of("60000", TUE))
    (said,) = given.when(correction)
    assert said.step.value == "withdrawn"
    assert said.episode == "2026-06-01"
    assert said.summary == "按结算不再连续透支"


def test_a_corrected_run_says_whether_money_is_available() -> None:
    given = rule.given(short_of("60000", MON), short_of("60000", TUE))
    (said,) = given.when(covered(TUE))
    assert said.facts["当日可用"] == "不为负"


def test_a_correction_back_over_the_limit_is_the_same_alert_raised_again() -> None:
    said = rule.told(
        short_of("60000", MON), short_of("60000", TUE), covered(TUE), short_of("60000", TUE)
    )
    assert [(a.type, a.data.revision) for a in said] == [
        ("alert.raised", 1),
        ("alert.withdrawn", 2),
        ("alert.raised", 3),
    ]
    assert len({a.data.alert_id for a in said}) == 1


def test_a_correction_that_reaches_the_limit_only_now_raises() -> None:
    given = rule.given(short_of("60000", MON), covered(TUE))
    assert steps(given.when(short_of("40000", TUE))) == ["raised"]


def test_a_run_that_ends_in_the_ordinary_way_withdraws_nothing() -> None:
    given = rule.given(short_of("60000", MON), short_of("60000", TUE))
    assert not given.when(covered(WED))


def test_a_correction_of_a_day_in_between_joins_two_runs() -> None:
    given = rule.given(short_of("40000", MON), covered(TUE), short_of("40000", WED))
    (said,) = given.when(short_of("20000", TUE))
    assert (said.step.value, said.episode) == ("raised", "2026-06-01")
    assert said.facts["连续天数"] == "3天"


def test_a_correction_of_the_first_day_moves_the_alert_to_the_shorter_run() -> None:
    days = [short_of("60000", day) for day in (MON, TUE, WED)]
    said = rule.given(*days).when(covered(MON))
    assert [(f.step.value, f.episode) for f in said] == [
        ("withdrawn", "2026-06-01"),
        ("raised", "2026-06-02"),
    ]


def test_a_settlement_that_comes_after_the_next_days_counts_in_its_place() -> None:
    given = rule.given(short_of("60000", TUE))
    assert steps(given.when(short_of("40000", MON))) == ["raised"]


@pytest.mark.parametrize("changed", [{"total": "100000.001"}, {"days": 3}])
def test_each_threshold_moved_by_its_smallest_unit_silences_it(changed: dict[str, str]) -> None:
    history, last = short_of("50000", MON), short_of("50000", TUE)
    assert rule.given(history).when(last)
    moved = Scenario(ConsecutiveOverdraft.model_validate(changed))
    assert not moved.given(history).when(last)


def test_its_defaults_are_the_products() -> None:
    detector = ConsecutiveOverdraft()
    assert (detector.days, detector.total) == (2, Decimal(100_000))


def test_a_correction_after_the_run_has_ended_withdraws_it_too() -> None:
    given = rule.given(short_of("60000", MON), short_of("60000", TUE), covered(WED))
    assert steps(given.when(covered(TUE))) == ["withdrawn"]


def test_a_run_may_begin_on_the_calendars_first_trading_day() -> None:
    first, second = china().days[:2]
    given = rule.given(short_of("60000", first))
    assert steps(given.when(short_of("60000", second))) == ["raised"]


def test_a_run_of_more_than_a_year_stays_one_alert() -> None:
    calendar = china()
    start = calendar.days[1]
    days = [day for day in calendar.days[1:] if day <= start + timedelta(days=400)]
    said = rule.told(*(short_of("60000", day) for day in days))
    assert {alert.data.episode for alert in said} == {start.isoformat()}


def test_a_correction_that_reopens_a_run_goes_on_with_its_alert() -> None:
    given = rule.given(short_of("60000", MON), short_of("60000", TUE), covered(WED))
    (said,) = given.told(short_of("60000", WED))
    assert (said.type, said.data.episode) == ("alert.updated", "2026-06-01")


def test_a_run_that_no_settlement_has_verified_expires_at_its_days_close() -> None:
    given = rule.given(short_of("60000", MON), snapshotted("-60000", moment(TUE, "10:00")))
    assert given.told(closed(MON)) == []
    (said,) = given.told(closed(TUE), closed(TUE), closed(WED))
    assert (said.type, said.data.summary) == ("alert.withdrawn", UNVERIFIED)
    shrunk = given.given(snapshotted("10", moment(TUE, "11:00")))
    assert happened(shrunk.told(closed(TUE))) == ["withdrawn"]
    late = given.given(closed(TUE)).told(short_of("60000", TUE))
    assert happened(late) == ["raised"], "it was in a later file after all"


def test_behind_the_close_the_settled_part_of_a_run_is_left() -> None:
    run = (short_of("60000", MON), short_of("60000", TUE))
    given = rule.given(*run, snapshotted("-60000", moment(WED, "10:00")))
    (said,) = given.told(closed(WED))
    assert (said.type, said.data.provisional) == ("alert.amended", False)
    assert said.data.facts["连续天数"] == "2天"
    assert given.given(closed(WED)).told(closed(THU)) == []
    assert rule.given(*run).told(closed(TUE), closed(WED)) == []


def test_a_run_that_goes_on_in_the_night_waits_for_the_day_of_that_night() -> None:
    night = snapshotted("-60000", moment(TUE, "21:05"))
    given = rule.given(short_of("60000", MON), snapshotted("-60000", moment(TUE, "10:00")), night)
    assert given.told(closed(TUE)) == []
    assert happened(given.told(closed(TUE), closed(WED))) == ["withdrawn"]
    assert happened(given.told(closed(TUE), short_of("60000", WED))) == ["withdrawn"]
