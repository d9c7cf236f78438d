"""保证金占用: margin ÷ equity at 80 %, once a trading day; the settlement has the last word."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.mot.domain.detector import UNVERIFIED
from services.mot.domain.detectors.margin_usage import MarginUsage
from services.mot.domain.events import AccountSnapshotted
from shared.kernel.trading_day import china
from tests.kit.events import DAY, TOMORROW, YESTERDAY, closed, moment, settled, snapshotted
from tests.kit.scenario import Scenario, happened, steps

rule = Scenario(MarginUsage())


def seen(at: str, margin: str | None, equity: str = "100000", **given: Any) -> AccountSnapshotted:
    return snapshotted(0, moment(DAY, at), equity=equity, margin=margin, **given)


told = rule.given(seen("10:00", "80000"))


@pytest.mark.parametrize(
    ("equity", "line", "just_under"),
    [
        ("100000", "80000", "79999.999"),
        ("100000.001", "80000.001", "80000"),  # half a 厘 is not reached by the 厘 below it
        ("0.001", "0.001", "0"),
    ],
)
def test_reaching_the_line_counts_and_one_li_less_does_not(
    equity: str, line: str, just_under: str
) -> None:
    assert steps(rule.when(seen("10:00", line, equity))) == ["raised"]
    assert not rule.when(seen("10:00", just_under, equity))


def test_without_equity_there_is_no_ratio() -> None:
    assert not rule.when(seen("10:00", "80000", "0"))
    assert not rule.when(seen("10:00", "80000", "-0.001"))


def test_a_margin_that_the_source_does_not_tell_is_not_judged() -> None:
    assert not rule.when(seen("10:00", None))
    assert told.told(settled("100000", DAY)) == []
    assert told.given(seen("10:05", None)).when(settled("100000", DAY, margin="80000"))


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    (said,) = rule.when(seen("10:00", "82359", exchange_margin="64000.5"))
    assert said.summary == "保证金占用达权益的82.35%"
    assert list(said.facts.items()) == [
        ("风险度", "82.35%"),
        ("权益", "100,000.00元"),
        ("保证金", "82,359.00元"),
        ("交易所保证金", "64,000.50元"),
    ]
    assert (said.episode, said.provisional, said.figure) == ("2026-06-01", True, 8235)
    (unknown,) = rule.when(seen("10:00", "82359"))
    assert unknown.facts["交易所保证金"] == "未知"


def test_it_speaks_once_a_trading_day() -> None:
    assert not told.when(seen("10:05", "99000"))
    night = snapshotted(0, moment(DAY, "21:05"), equity="100000", margin="80000")
    (said,) = told.when(night)
    assert (said.step.value, said.episode) == ("raised", "2026-06-02")


@pytest.mark.parametrize(("fell_to", "speaks"), [("75000", True), ("75000.001", False)])
def test_crossing_again_is_news_after_it_fell_five_points_below(fell_to: str, speaks: bool) -> None:
    given = told.given(seen("10:05", fell_to))
    assert happened(given.told(seen("10:10", "80000"))) == ["updated"] * speaks


def test_the_fall_itself_is_not_told_and_two_falls_are_two_updates() -> None:
    said = rule.told(
        seen("10:00", "80000"),
        seen("10:05", "70000"),
        seen("10:10", "80000"),
        seen("10:15", "81000"),
        seen("10:20", "70000"),
        seen("10:25", "90000"),
    )
    assert happened(said) == ["raised", "updated", "updated"]
    assert [alert.data.revision for alert in said] == [1, 2, 3]


def test_without_equity_it_has_not_fallen_below() -> None:
    given = told.given(seen("10:05", "70000", "0"))
    assert given.told(seen("10:10", "80000")) == []


def test_an_older_snapshot_changes_nothing() -> None:
    given = rule.given(seen("10:05", "10000"))
    assert not given.when(seen("10:05", "80000"))
    assert not given.when(seen("10:04", "80000"))
    assert given.when(seen("10:06", "80000"))


def test_a_snapshot_of_a_settled_day_is_not_judged() -> None:
    given = rule.given(settled("100000", DAY, margin="1"))
    assert not given.when(seen("14:59", "80000"))


def test_the_settlement_confirms_amends_or_takes_back() -> None:
    (same,) = told.when(settled("200000", DAY, margin="160000"))
    assert (same.step.value, same.provisional) == ("confirmed", False)
    assert same.summary == "结算确认：保证金占用达权益的80%"
    (other,) = told.when(settled("100000", DAY, margin="80010"))
    assert (other.step.value, other.summary) == ("amended", "结算更正：保证金占用达权益的80.01%")
    (over,) = told.when(settled("100000", DAY, margin="79999.999"))
    assert (over.step.value, over.summary) == ("withdrawn", "按结算风险度79.99%，已不再触及")
    (broke,) = told.when(settled("0", DAY, margin="80000"))
    assert (broke.step.value, broke.summary) == ("withdrawn", "按结算已穿仓，本条不再适用")
    assert broke.facts["风险度"] == "穿仓"


def test_what_follows_the_settlement_is_not_needless() -> None:
    said = told.told(settled("100000", DAY, margin="80000"))
    assert said[0].data.action == "请以结算后的风险度为准，必要时跟进。"


def test_a_lapsed_alert_stands_at_the_settlement() -> None:
    given = told.given(seen("10:05", "10000"))
    assert happened(given.told(settled("100000", DAY, margin="80000"))) == ["confirmed"]
    assert happened(given.told(settled("100000", DAY, margin="1"))) == ["withdrawn"]


def test_the_settlement_raises_what_no_snapshot_showed() -> None:
    (said,) = rule.when(settled("100000", DAY, margin="80000"))
    assert (said.step.value, said.provisional) == ("raised", False)
    assert not rule.when(settled("100000", DAY, margin="79999.999"))


def test_a_replacement_settlement_speaks_only_of_what_changed() -> None:
    given = told.given(settled("100000", DAY, margin="80000"))
    assert not given.when(settled("100000", DAY, margin="80000"))
    assert not given.when(settled("100000", DAY, margin="80009.999"))  # the same basis point
    assert steps(given.when(settled("100000", DAY, margin="80010"))) == ["amended"]
    assert steps(given.when(settled("100000", DAY, margin="1"))) == ["withdrawn"]


def test_after_the_settlement_took_it_back_only_another_settlement_raises_it() -> None:
    given = told.given(settled("100000", DAY, margin="1"))
    assert not given.when(seen("14:59", "80000"))
    assert happened(given.told(settled("100000", DAY, margin="80000"))) == ["raised"]


def test_a_day_is_settled_after_the_next_days_night_session_has_begun() -> None:
    night = snapshotted(0, moment(DAY, "21:05"), equity="100000", margin="90000")
    said = told.told(
        night, settled("100000", DAY, margin="80000"), settled("1", TOMORROW, margin="0")
    )
    assert [(a.type, a.data.episode, a.data.provisional) for a in said] == [
        ("alert.raised", "2026-06-02", True),
        ("alert.confirmed", "2026-06-01", False),
        ("alert.withdrawn", "2026-06-02", False),
    ]


@pytest.mark.parametrize(
    ("margin", "said"),
    [("80000", "confirmed"), ("80010", "amended"), ("79999.999", "withdrawn")],
)
def test_a_settlement_that_a_later_day_has_overtaken_still_has_the_last_word_on_its_own(
    margin: str, said: str
) -> None:
    overtaken = told.given(settled("100000", TOMORROW, margin="1"))
    (alert,) = overtaken.told(settled("100000", DAY, margin=margin))
    assert (alert.type, alert.data.episode) == (f"alert.{said}", "2026-06-01")
    assert (alert.data.revision, alert.data.provisional) == (2, False)
    assert overtaken.told(settled("100000", DAY, margin=margin), closed(DAY)) == [alert]


def test_an_overtaken_replacement_speaks_only_of_what_changed_and_of_its_own_day() -> None:
    given = told.given(settled("100000", DAY, margin="80000"), settled("1", TOMORROW, margin="0"))
    assert not given.when(settled("100000", DAY, margin="80000"))
    (said,) = given.told(settled("100000", DAY, margin="1"))
    assert (said.type, said.data.episode) == ("alert.withdrawn", "2026-06-01")
    assert given.given(settled("9", DAY, margin="9")).account.balance == given.account.balance


@pytest.mark.parametrize(("last", "speaks"), [(11, True), (12, False)])
def test_nothing_new_is_told_of_a_day_long_ago_but_what_stands_is_ended(
    last: int, speaks: bool
) -> None:
    settlement = settled("100000", DAY, margin="80000")
    given = rule.given(settled("100000", date(2026, 6, last), margin="1"))
    assert happened(given.told(settlement)) == ["raised"] * speaks
    stood = told.given(settled("100000", date(2026, 6, last), margin="1"))
    assert happened(stood.told(settlement)) == ["confirmed"]


def test_a_days_close_and_backfilled_history_say_nothing() -> None:
    assert told.given(settled("100000", DAY, margin="80000")).told(closed(DAY)) == []
    assert rule.told(seen("10:00", "80000", backfill=True)) == []


def test_what_no_settlement_has_verified_expires_at_its_days_close() -> None:
    assert told.told(closed(YESTERDAY)) == []
    for unverified in (told, told.given(seen("14:00", "1"))):
        (said,) = unverified.told(closed(DAY))
        assert (said.type, said.data.episode) == ("alert.withdrawn", "2026-06-01")
        assert said.data.summary == UNVERIFIED
        assert unverified.told(closed(DAY), closed(DAY), closed(TOMORROW)) == [said]
    assert happened(told.told(closed(TOMORROW))) == ["withdrawn"], "a close may be missing"
    overtaken = told.given(settled("100000", TOMORROW, margin="1"))
    assert happened(overtaken.told(closed(DAY))) == ["withdrawn"]


def test_what_the_settlement_has_no_figure_for_stands_as_it_was_told() -> None:
    silent = told.given(settled("100000", DAY))
    assert silent.told(closed(DAY), closed(TOMORROW)) == []
    later = [settled("100000", day) for day in china().days if DAY < day <= date(2026, 6, 30)]
    assert silent.told(*later, closed(date(2026, 6, 30))) == []
    assert happened(silent.told(closed(DAY), settled("100000", DAY, margin="1"))) == ["withdrawn"]


def test_a_close_leaves_the_next_days_night_alone_and_a_late_settlement_raises_again() -> None:
    night = told.given(snapshotted(0, moment(DAY, "21:05"), equity="100000", margin="80000"))
    (said,) = night.told(closed(DAY))
    assert said.data.episode == "2026-06-01"
    late = told.given(closed(DAY)).told(settled("100000", DAY, margin="80000"))
    assert [(a.type, a.data.revision, a.data.provisional) for a in late] == [
        ("alert.raised", 3, False)
    ]


def test_each_threshold_moved_by_its_smallest_unit_moves_the_line() -> None:
    higher = Scenario(MarginUsage.model_validate({"line": "0.80000001"}))
    assert not higher.when(seen("10:00", "80000"))
    wider = Scenario(MarginUsage.model_validate({"gap": "0.05000001"}))
    fell = wider.given(seen("10:00", "80000"), seen("10:05", "75000"))
    assert fell.told(seen("10:10", "80000")) == []


def test_its_defaults_are_the_products() -> None:
    assert (MarginUsage().line, MarginUsage().gap) == (Decimal("0.8"), Decimal("0.05"))
