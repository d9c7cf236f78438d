"""临近休眠: judged at each day's close for the coming 认定日, the 15th, deferred.

The usual client opened in 2018, last traded in January 2024, holds nothing and has 800 元 left. The
coming judgement day is 2026-06-15; 2026-06-01 is ten trading days before it, 2026-06-10 three.
"""

from datetime import date
from decimal import Decimal

import pytest

from services.mot.domain.detectors.near_dormancy import NearDormancy, years_before
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
    ordered,
    settled,
    took_back,
    withdrew,
)
from tests.kit.scenario import Scenario, play, steps

OPENED, TRADED = date(2018, 3, 12), date(2024, 1, 5)
THREE_BEFORE = date(2026, 6, 10)
JUDGEMENT = date(2026, 6, 15)
rule = Scenario(NearDormancy())
usual = baselined(OPENED, TRADED, TRADED)
idle = rule.given(usual, settled("800", YESTERDAY))
warned = idle.given(closed(DAY))


def june(day: int) -> date:
    return date(2026, 6, day)


def test_it_is_told_ten_trading_days_before() -> None:
    assert not idle.when(closed(YESTERDAY))
    assert steps(idle.when(closed(DAY))) == ["raised"]


def test_it_is_told_again_three_trading_days_before_and_on_no_other_day() -> None:
    days = [day for day in china().days if DAY <= day <= JUDGEMENT]
    said = idle.told(*(closed(day) for day in days))
    assert [(a.type, a.data.revision, a.data.trading_day) for a in said] == [
        ("alert.raised", 1, DAY),
        ("alert.updated", 2, THREE_BEFORE),
    ]
    assert len({a.data.alert_id for a in said}) == 1


def test_between_the_two_it_stays_silent() -> None:
    assert not warned.when(closed(TOMORROW))
    assert not warned.when(closed(june(9)))
    assert not warned.given(closed(THREE_BEFORE)).when(closed(june(11)))


@pytest.mark.parametrize(
    ("tenth_before", "judgement"),
    [
        ("2026-08-03", "2026-08-17"),  # the 15th is a Saturday
        ("2026-11-02", "2026-11-16"),  # a Sunday
        ("2026-02-02", "2026-02-24"),  # a Sunday before the Spring Festival
        ("2026-09-01", "2026-09-15"),
        ("2026-09-23", "2026-10-15"),  # 25 September and 1 to 7 October are holidays
    ],
)
def test_a_judgement_day_is_deferred_past_weekends_and_holidays(
    tenth_before: str, judgement: str
) -> None:
    day = date.fromisoformat(tenth_before)
    given = rule.given(usual, settled("800", china().before(day)))
    assert not given.when(closed(china().before(day)))
    (said,) = given.when(closed(day))
    assert (said.step.value, said.episode) == ("raised", judgement)


@pytest.mark.parametrize(
    ("opened", "traded", "held", "speaks"),
    [
        (june(15), None, None, False),  # opened this year
        (date(2025, 6, 15), None, None, True),  # on that day counts as one year
        (date(2025, 6, 16), None, None, False),
        (OPENED, date(2025, 6, 14), None, True),
        (OPENED, date(2025, 6, 15), None, False),  # the day exactly one year before is within it
        (OPENED, None, date(2025, 6, 14), True),
        (OPENED, None, date(2025, 6, 15), False),
        (OPENED, None, None, True),
    ],
)
def test_the_year_before_includes_its_first_day(
    opened: date, traded: date | None, held: date | None, speaks: bool
) -> None:
    given = rule.given(baselined(opened, traded, held), settled("800", YESTERDAY))
    assert steps(given.when(closed(DAY))) == ["raised"] * speaks


@pytest.mark.parametrize(("opened", "speaks"), [("2025-08-17", True), ("2025-08-18", False)])
def test_the_year_is_counted_back_from_the_deferred_day(opened: str, speaks: bool) -> None:
    given = rule.given(baselined(date.fromisoformat(opened)), settled("800", date(2026, 7, 31)))
    assert steps(given.when(closed(date(2026, 8, 3)))) == ["raised"] * speaks


@pytest.mark.parametrize(
    ("equity", "speaks"),
    [("1000", True), ("1000.001", False), ("0", True), ("-25.5", True), ("90000", False)],
)
def test_equity_of_at_most_a_thousand_is_little(equity: str, speaks: bool) -> None:
    given = rule.given(usual, settled(equity, YESTERDAY))
    assert steps(given.when(closed(DAY))) == ["raised"] * speaks


def test_an_account_with_a_position_is_not_dormant() -> None:
    given = rule.given(usual, settled("800", YESTERDAY, position_lots=1))
    assert not given.when(closed(DAY))


def test_a_position_that_no_file_has_closed_is_still_held() -> None:
    given = rule.given(
        usual, settled("800", date(2025, 1, 10), position_lots=1), settled("800", YESTERDAY)
    )
    assert not given.when(closed(DAY))


def test_a_position_held_last_year_keeps_it_awake_after_it_is_closed() -> None:
    given = rule.given(
        usual,
        settled("800", date(2025, 6, 16), position_lots=1),
        settled("800", YESTERDAY, position_lots=0),
    )
    assert not given.when(closed(DAY))


@pytest.mark.parametrize(
    "known",
    [[settled("800", YESTERDAY)], [usual], []],
    ids=["not opening", "not equity", "nothing"],
)
def test_of_an_account_it_does_not_know_well_it_stays_silent(known: list[TradingEvent]) -> None:
    assert not rule.given(*known).when(closed(DAY))


def test_no_trade_on_record_is_said() -> None:
    given = rule.given(baselined(OPENED), settled("800", YESTERDAY))
    (said,) = given.when(closed(DAY))
    assert said.facts["最后交易"] == "无记录"


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = idle.when(closed(DAY))
    assert list(said.facts.items()) == [
        ("认定日", "2026-06-15"),
        ("剩余", "10个交易日"),
        ("权益", "800.00元"),
        ("开户日", "2018-03-12"),
        ("最后交易", "2024-01-05"),
    ]
    assert said.summary == "再过10个交易日（2026-06-15）将被认定为休眠账户"


def test_known_late_it_is_told_at_once() -> None:
    (said,) = idle.when(closed(june(8)))
    assert (said.step.value, said.facts["剩余"]) == ("raised", "5个交易日")
    assert steps(idle.given(closed(june(8))).when(closed(THREE_BEFORE))) == ["updated"]


def test_known_on_the_last_days_it_is_told_once() -> None:
    given = idle.given(closed(june(11)))
    assert steps(idle.when(closed(june(11)))) == ["raised"]
    assert not given.when(closed(june(12)))


def test_on_the_judgement_day_the_next_one_is_far_away() -> None:
    assert not idle.when(closed(JUDGEMENT))


def test_each_judgement_day_has_its_own_alert() -> None:
    first, second = idle.told(closed(DAY), closed(date(2026, 7, 1)))
    assert (first.data.episode, second.data.episode) == ("2026-06-15", "2026-07-15")
    assert second.data.revision == 1


@pytest.mark.parametrize(
    "awake",
    [
        deposited("200.001", TOMORROW),
        settled("800", TOMORROW, traded_lots=1),
        settled("800", TOMORROW, position_lots=1),
        settled("1000.001", TOMORROW),
        ordered(moment(TOMORROW, "10:00"), filled=1, status="partly-filled"),
        baselined(OPENED, date(2025, 6, 15), day=TOMORROW),
    ],
    ids=["funded", "traded", "holds", "richer", "liquidated", "had traded"],
)
def test_an_account_that_trades_or_is_funded_is_taken_back_once(awake: TradingEvent) -> None:
    (said,) = warned.when(awake)
    assert (said.step.value, said.episode) == ("withdrawn", "2026-06-15")
    assert said.summary == "账户已交易或入金，不再临近休眠"
    assert said.facts["认定日"] == "2026-06-15"
    assert not warned.given(awake).when(closed(TOMORROW))
    assert not idle.when(awake)


@pytest.mark.parametrize(
    "still_idle",
    [
        deposited("200", TOMORROW),
        settled("800", TOMORROW, traded_lots=0, position_lots=0),
        ordered(moment(TOMORROW, "10:00")),
        usual,
    ],
    ids=["too little", "settled", "not filled", "the same baseline"],
)
def test_what_changes_nothing_takes_nothing_back(still_idle: TradingEvent) -> None:
    assert not warned.when(still_idle)


def test_a_deposit_that_left_again_was_no_funding() -> None:
    given = idle.given(deposited("5000", DAY), withdrew("4800", DAY))
    assert given.when(closed(DAY))
    assert not idle.given(deposited("5000", DAY)).when(closed(DAY))


def test_a_withdrawal_that_no_settlement_has_told_makes_nobody_poorer() -> None:
    given = rule.given(usual, settled("1000.001", YESTERDAY), withdrew("500", DAY))
    assert not given.when(closed(DAY))


def test_a_deposit_that_the_settlement_has_told_is_counted_once() -> None:
    given = rule.given(usual, deposited("600", YESTERDAY), settled("800", YESTERDAY))
    assert given.when(closed(DAY))


def test_when_the_deposit_is_taken_back_it_is_the_same_alert_raised_again() -> None:
    said = idle.told(
        closed(DAY),
        deposited("5000", TOMORROW),
        took_back("5000", TOMORROW, direction="deposit"),
        closed(TOMORROW),
    )
    assert [(a.type, a.data.revision) for a in said] == [
        ("alert.raised", 1),
        ("alert.withdrawn", 2),
        ("alert.raised", 3),
    ]
    assert len({a.data.alert_id for a in said}) == 1


def test_a_deposit_on_the_judgement_day_still_counts() -> None:
    assert steps(warned.when(deposited("5000", JUDGEMENT))) == ["withdrawn"]


def test_after_the_judgement_day_nothing_is_taken_back() -> None:
    assert not warned.when(deposited("5000", date(2026, 6, 16)))


@pytest.mark.parametrize(
    ("changed", "equity"),
    [
        ({"equity": "999.999"}, "1000"),
        ({"years": 3}, "800"),  # last traded within three years
        ({"raise_before": 9}, "800"),
    ],
)
def test_each_threshold_moved_by_its_smallest_unit_silences_it(
    changed: dict[str, object], equity: str
) -> None:
    history = usual, settled(equity, YESTERDAY)
    assert rule.given(*history).when(closed(DAY))
    assert not Scenario(NearDormancy.model_validate(changed)).given(*history).when(closed(DAY))


def test_the_reminder_moves_with_its_threshold() -> None:
    moved = Scenario(NearDormancy(remind_before=2), warned.account)
    assert warned.when(closed(THREE_BEFORE))
    assert not moved.when(closed(THREE_BEFORE))
    assert steps(moved.when(closed(june(11)))) == ["updated"]


def test_its_defaults_are_the_products() -> None:
    rule = NearDormancy()
    numbers = (rule.equity, rule.years, rule.raise_before, rule.remind_before)
    assert numbers == (Decimal(1000), 1, 10, 3)


def test_beyond_the_calendar_it_fails_loudly_instead_of_guessing() -> None:
    account = rule.given(usual, settled("800", date(2026, 12, 14))).account
    played = play([closed(date(2026, 12, 16))], rule.rules, account)
    assert not played.alerts
    assert [(f.rule, f.why) for f in played.failures] == [("near_dormancy", "OutsideCoverage")]


def test_beyond_the_calendar_who_is_far_from_dormant_is_not_judged_at_all() -> None:
    warned = rule.given(usual, settled("800", date(2026, 12, 14)))
    assert warned.account.standing("near_dormancy")
    held = settled("800", date(2026, 12, 16), position_lots=1)
    assert not play([held], rule.rules, warned.account).failures


def test_a_trade_told_by_a_late_settlement_keeps_the_account_awake() -> None:
    given = idle.given(settled("800", TOMORROW), settled("800", DAY, traded_lots=3))
    assert not given.when(closed(TOMORROW))


@pytest.mark.parametrize(
    ("day", "years", "before"),
    [
        ("2026-06-15", 1, "2025-06-15"),
        ("2024-02-29", 1, "2023-02-28"),
        ("2024-02-29", 4, "2020-02-29"),
    ],
)
def test_a_year_before_a_leap_day_is_the_last_of_february(
    day: str, years: int, before: str
) -> None:
    assert years_before(date.fromisoformat(day), years).isoformat() == before
