"""沉默客户: 30 trading days without a trade, then twice more, five trading days apart.

The usual client last traded on 2026-04-15: 2026-06-01 is the 30th trading day after it.
"""

from datetime import date
from decimal import Decimal

import pytest

from services.mot.domain.detectors.idle_account import IdleAccount
from shared.kernel.trading_day import china
from tests.kit.events import (
    DAY,
    TOMORROW,
    YESTERDAY,
    baselined,
    closed,
    deposited,
    moment,
    ordered,
    settled,
    took_back,
    withdrew,
)
from tests.kit.scenario import Scenario, happened, steps

OPENED, TRADED = date(2018, 3, 12), date(2026, 4, 15)
SECOND, THIRD, AFTER = date(2026, 6, 8), date(2026, 6, 15), date(2026, 6, 23)
rule = Scenario(IdleAccount())
usual = baselined(OPENED, TRADED)
idle = rule.given(usual, settled("20000", YESTERDAY))
told = idle.given(closed(DAY))


def test_it_is_told_on_the_thirtieth_trading_day() -> None:
    assert not idle.when(closed(YESTERDAY))
    assert steps(idle.when(closed(DAY))) == ["raised"]


def test_it_is_told_three_times_a_week_apart_and_no_more() -> None:
    days = [day for day in china().days if YESTERDAY <= day <= date(2026, 9, 30)]
    said = idle.told(*(closed(day) for day in days))
    assert [(a.type, a.data.trading_day, a.data.facts["激活周"]) for a in said] == [
        ("alert.raised", DAY, "第1周"),
        ("alert.updated", SECOND, "第2周"),
        ("alert.updated", THIRD, "第3周"),
    ]


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (YESTERDAY, None),
        (DAY, "第1周"),
        (date(2026, 6, 5), "第1周"),
        (SECOND, "第2周"),
        (date(2026, 6, 12), "第2周"),
        (THIRD, "第3周"),
        (date(2026, 6, 22), "第3周"),  # the 44th: the 19th is a holiday
        (AFTER, None),
    ],
)
def test_who_is_first_seen_later_begins_with_that_week(day: date, week: str | None) -> None:
    said = idle.when(closed(day))
    assert [one.facts["激活周"] for one in said] == ([week] if week else [])
    assert happened(idle.told(closed(day))) == (["raised"] if week else [])


def test_the_settlement_and_the_days_close_say_it_once() -> None:
    said = idle.told(settled("20000", DAY), closed(DAY), settled("20000", DAY), closed(SECOND))
    assert happened(said) == ["raised", "updated"]


def test_an_overtaken_settlement_judges_no_day() -> None:
    given = rule.given(settled("20000", TOMORROW), usual)
    assert not given.when(settled("20000", DAY))


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = idle.when(closed(SECOND))
    assert said.summary == "已35个交易日未交易，激活第2周"
    assert list(said.facts.items()) == [
        ("最后交易", "2026-04-15"),
        ("权益", "20,000.00元"),
        ("激活周", "第2周"),
    ]
    assert (said.episode, said.provisional) == ("2026-04-15", False)


@pytest.mark.parametrize(("equity", "speaks"), [("1000.001", True), ("1000", False), ("-5", False)])
def test_more_than_a_thousand_counts_and_exactly_it_is_near_dormancys(
    equity: str, speaks: bool
) -> None:
    given = rule.given(usual, settled(equity, YESTERDAY))
    assert steps(given.when(closed(DAY))) == ["raised"] * speaks


def test_only_settled_money_counts() -> None:
    given = rule.given(usual, settled("1000", YESTERDAY), deposited("90000"))
    assert not given.when(closed(DAY))
    assert idle.given(withdrew("19999")).when(closed(DAY))
    assert not rule.given(usual).when(closed(DAY))


def test_who_holds_a_position_is_not_idle() -> None:
    held = rule.given(usual, settled("20000", YESTERDAY, position_lots=1))
    assert not held.when(closed(DAY))
    assert steps(held.when(settled("20000", DAY, position_lots=0))) == ["raised"]


def test_a_last_trade_that_nobody_knows_is_not_judged() -> None:
    given = rule.given(baselined(OPENED), settled("20000", YESTERDAY))
    assert not given.when(closed(DAY))


FUNDED = date(2026, 4, 15)
new = rule.given(baselined(OPENED), deposited("20000", FUNDED), settled("20000", YESTERDAY))


def test_who_paid_in_and_never_traded_is_counted_from_the_first_deposit() -> None:
    assert not new.when(closed(YESTERDAY))
    (said,) = new.when(closed(DAY))
    assert (said.step.value, said.episode) == ("raised", "2026-04-15")
    assert said.summary == "入金30个交易日仍未交易，激活第1周"
    assert said.facts["最后交易"] == "无记录"
    again = new.given(deposited("5", date(2026, 5, 20)))
    assert again.when(closed(DAY)), "the first deposit counts, not the last"
    days = (closed(DAY), closed(SECOND), closed(THIRD), closed(AFTER))
    assert happened(new.told(*days)) == ["raised", "updated", "updated"]


def test_the_first_trade_ends_what_was_told_of_who_never_traded() -> None:
    (said,) = new.given(closed(DAY)).when(settled("20000", TOMORROW, traded_lots=1))
    assert (said.step.value, said.episode, said.summary) == (
        "withdrawn",
        "2026-04-15",
        "客户已恢复交易",
    )


def test_a_first_deposit_that_is_taken_back_ends_it_too() -> None:
    paid = Scenario(IdleAccount(days=1)).given(baselined(OPENED), deposited("20000", DAY))
    told_soon = paid.given(settled("20000", DAY), closed(TOMORROW))
    (said,) = told_soon.when(took_back("20000", DAY, direction="deposit"))
    assert (said.step.value, said.summary) == ("withdrawn", "首次入金已冲正")
    assert not told_soon.when(took_back("9", DAY, direction="deposit"))


def test_whether_a_client_has_traded_is_not_known_without_a_baseline_or_a_first_deposit() -> None:
    unknown = rule.given(deposited("20000", FUNDED), settled("20000", YESTERDAY))
    assert not unknown.when(closed(DAY))
    before = rule.given(settled("9", date(2026, 4, 14)), baselined(OPENED))
    seen = before.given(deposited("20000", FUNDED), settled("20000", YESTERDAY))
    assert not seen.when(closed(DAY))


def test_a_trade_ends_the_sequence() -> None:
    (said,) = told.when(settled("20000", TOMORROW, traded_lots=1))
    assert (said.step.value, said.summary) == ("withdrawn", "客户已恢复交易")
    assert (said.episode, said.facts) == ("2026-04-15", {})
    awake = told.given(settled("20000", TOMORROW, traded_lots=1))
    assert not awake.when(closed(SECOND))


def test_a_fill_of_a_forced_order_and_a_baseline_end_it_too() -> None:
    assert steps(told.when(ordered(moment(TOMORROW, "10:00"), 1, "partly-filled"))) == ["withdrawn"]
    assert not told.when(ordered(moment(TOMORROW, "10:00")))
    assert steps(told.when(baselined(OPENED, DAY, day=TOMORROW))) == ["withdrawn"]
    assert not told.when(baselined(OPENED, date(2026, 4, 14), day=TOMORROW))


def test_after_a_trade_the_days_are_counted_anew() -> None:
    again = told.given(settled("20000", TOMORROW, traded_lots=1))
    thirtieth = china().after(TOMORROW, 30)
    assert not again.when(closed(china().before(thirtieth)))
    (said,) = again.told(closed(thirtieth))
    assert (said.type, said.data.episode, said.data.revision) == (
        "alert.raised",
        "2026-06-02",
        1,
    )


def test_backfilled_history_says_nothing() -> None:
    assert idle.told(settled("20000", DAY, backfill=True)) == []


@pytest.mark.parametrize(
    ("changed", "day", "usually", "moved"),
    [
        ({"days": 31}, DAY, True, False),
        ({"days": 29}, YESTERDAY, False, True),
        ({"equity": "19999.999"}, DAY, True, True),
        ({"equity": "20000"}, DAY, True, False),
        ({"days": 100}, date(2026, 9, 8), False, True),
    ],
)
def test_each_threshold_moved_by_its_smallest_unit_moves_the_line(
    changed: dict[str, object], day: date, usually: bool, moved: bool
) -> None:
    other = Scenario(IdleAccount.model_validate(changed))
    other = other.given(usual, settled("20000", date(2026, 5, 28)))
    assert steps(idle.when(closed(day))) == ["raised"] * usually
    assert steps(other.when(closed(day))) == ["raised"] * moved


def test_the_week_moved_by_a_day_moves_the_second_step() -> None:
    shorter = Scenario(IdleAccount(week=4)).given(usual, settled("20000", YESTERDAY), closed(DAY))
    assert steps(shorter.when(closed(date(2026, 6, 5)))) == ["updated"]
    assert not told.when(closed(date(2026, 6, 5)))


def test_its_defaults_are_the_products() -> None:
    detector = IdleAccount()
    assert (detector.days, detector.week, detector.equity) == (30, 5, Decimal(1_000))
