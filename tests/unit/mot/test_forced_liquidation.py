"""强平通知: every forced-liquidation order is told, and followed to its end."""

from datetime import timedelta

import pytest

from services.mot.domain.detectors.forced_liquidation import REASONS, ForcedLiquidation
from services.mot.domain.events import OrderForceClosed
from tests.kit.events import (
    DAY,
    TOMORROW,
    YESTERDAY,
    closed,
    moment,
    ordered,
    settled,
    snapshotted,
    ticked,
)
from tests.kit.scenario import Scenario, steps

AT = moment(DAY, "10:00")
LATER, LATER_STILL, LATEST = (moment(DAY, f"10:0{n}") for n in (1, 2, 3))
rule = Scenario(ForcedLiquidation())
placed = rule.given(ordered(AT))


def test_the_first_sight_of_an_order_is_told() -> None:
    assert steps(rule.when(ordered(AT))) == ["raised"]


def test_nothing_is_said_of_an_account_without_orders() -> None:
    assert not rule.when(ticked(AT))


def test_each_fill_is_an_update_of_the_same_alert() -> None:
    said = rule.told(
        ordered(AT),
        ordered(LATER, 2, "partly-filled"),
        ordered(LATER_STILL, 3, "partly-filled"),
        ordered(LATEST, 5, "filled"),
    )
    assert [(a.type, a.data.revision) for a in said] == [
        ("alert.raised", 1),
        ("alert.updated", 2),
        ("alert.updated", 3),
        ("alert.confirmed", 4),
    ]
    assert {a.data.episode for a in said} == {"F1"}
    assert len({a.data.alert_id for a in said}) == 1


def test_a_status_that_changes_alone_is_an_update() -> None:
    given = rule.given(ordered(AT, 2, "open"))
    assert steps(given.when(ordered(LATER, 2, "partly-filled"))) == ["updated"]


def test_the_same_state_again_says_nothing() -> None:
    assert not placed.when(ordered(LATER))


def test_an_older_state_is_ignored() -> None:
    given = rule.given(ordered(LATER))
    assert not given.when(ordered(AT, 2, "partly-filled"))
    assert steps(given.when(ordered(LATER, 2, "partly-filled"))) == ["updated"]


def test_filled_lots_never_become_fewer() -> None:
    given = rule.given(ordered(AT, 3, "partly-filled"))
    assert not given.when(ordered(LATER, 2, "partly-filled"))


@pytest.mark.parametrize(
    ("end", "step", "summary"),
    [
        (ordered(LATER, 5, "filled"), "confirmed", "强平单已全部成交5手"),
        (ordered(LATER, 0, "cancelled"), "withdrawn", "强平单已撤销，成交0手"),
        (ordered(LATER, 2, "cancelled"), "confirmed", "强平单已撤销，成交2手"),
        (ordered(LATER, 0, "rejected"), "withdrawn", "强平单被拒绝，成交0手"),
        (ordered(LATER, 2, "rejected"), "confirmed", "强平单被拒绝，成交2手"),
    ],
)
def test_it_is_followed_to_each_end_and_not_beyond(
    end: OrderForceClosed, step: str, summary: str
) -> None:
    (said,) = placed.when(end)
    assert (said.step.value, said.summary) == (step, summary)
    ended = placed.given(end)
    assert not ended.when(ordered(LATEST, 5, "filled"))
    assert not ended.when(ticked(LATEST))


def test_an_order_first_seen_at_its_end_is_told_and_ended() -> None:
    assert steps(rule.when(ordered(AT, 5, "filled"))) == ["raised", "confirmed"]
    assert steps(rule.when(ordered(AT, 0, "cancelled"))) == ["raised", "withdrawn"]


@pytest.mark.parametrize("reason", ["1", "8", "9"])
def test_an_order_for_lack_of_funds_is_cured_by_money_that_came_after_it(reason: str) -> None:
    given = rule.given(ordered(AT, reason=reason), snapshotted("0", LATER))
    (said,) = given.when(ticked(LATER_STILL))
    assert said.step.value == "confirmed"
    assert said.summary == "可用资金已回到0.00元，强平了结"
    assert not given.given(ticked(LATER_STILL)).when(ticked(LATEST))


@pytest.mark.parametrize("reason", sorted(set(REASONS) - {"1", "8", "9"}))
def test_an_order_for_another_reason_is_not_cured_by_money(reason: str) -> None:
    given = rule.given(ordered(AT, reason=reason), snapshotted("9000000", LATER))
    assert not given.when(ticked(LATER_STILL))


def test_the_cure_is_noticed_at_the_minutes_check_and_not_before() -> None:
    assert not placed.when(snapshotted("0", LATER))


def test_nothing_is_cured_while_the_available_money_is_unknown() -> None:
    assert not placed.when(ticked(LATER))


def test_one_li_less_than_nothing_cures_nothing() -> None:
    assert not placed.given(snapshotted("-0.001", LATER)).when(ticked(LATER_STILL))


def test_money_seen_before_the_order_cures_nothing() -> None:
    given = rule.given(snapshotted("500000", AT), ordered(LATER))
    assert not given.when(ticked(LATER_STILL))
    assert given.given(snapshotted("500000", LATER_STILL)).when(ticked(LATEST))


def test_an_older_snapshot_is_ignored() -> None:
    given = placed.given(snapshotted("-5000", LATER_STILL), snapshotted("5000", LATER))
    assert not given.when(ticked(LATEST))


@pytest.mark.parametrize(
    ("filled", "reason", "available", "step", "summary"),
    [
        (0, "1", "0", "confirmed", "可用资金已回到0.00元，强平了结"),
        (0, "1", "-0.001", "withdrawn", "当日已结算，强平单成交0手，未成的5手已失效"),
        (2, "1", "-0.001", "confirmed", "当日已结算，强平单成交2手，未成的3手已失效"),
        (0, "2", "9000000", "withdrawn", "当日已结算，强平单成交0手，未成的5手已失效"),
        (2, "2", "9000000", "confirmed", "当日已结算，强平单成交2手，未成的3手已失效"),
    ],
)
def test_an_order_without_a_last_word_ends_with_the_settlement_of_its_day(
    filled: int, reason: str, available: str, step: str, summary: str
) -> None:
    given = rule.given(ordered(AT, filled, reason=reason))
    (said,) = given.when(settled("1000000", DAY, available))
    assert (said.step.value, said.episode, said.summary) == (step, "F1", summary)
    over = given.given(settled("1000000", DAY, available))
    assert over.account.open_orders() == {}
    assert not over.told(ordered(LATER, 5, "filled"), ticked(LATEST), settled("1", DAY), closed())


def test_what_is_available_is_what_the_settlement_says() -> None:
    (said,) = placed.given(snapshotted("-9", LATER)).when(settled("2", DAY, "1"))
    assert said.facts["可用资金"] == "1.00元"


def test_a_settlement_of_another_day_ends_no_order_of_a_later_one() -> None:
    night = rule.given(ordered(moment(DAY, "21:05")))
    assert not night.told(settled("1", DAY), closed(DAY))
    assert steps(night.when(settled("1", TOMORROW, "-5"))) == ["withdrawn"]
    late = night.given(settled("1", TOMORROW + timedelta(days=1), "-5"))
    assert late.account.open_orders() == {}, "the next settlement that comes ends it"


def test_an_overtaken_settlement_ends_no_order() -> None:
    given = rule.given(settled("1", DAY), ordered(LATER, 2, "partly-filled"))
    assert not given.when(settled("1", YESTERDAY))


@pytest.mark.parametrize(("filled", "step"), [(0, "withdrawn"), (2, "confirmed")])
def test_the_days_close_ends_the_order_of_an_account_that_is_in_no_file(
    filled: int, step: str
) -> None:
    given = rule.given(ordered(AT, filled))
    assert not given.when(closed(YESTERDAY))
    (said,) = given.when(closed(DAY))
    assert said.step.value == step
    assert said.summary == f"当日已收市且没有结算，强平单最后所知成交{filled}手，其余已失效"
    assert not given.given(closed(DAY)).when(closed(TOMORROW))


def test_a_cured_order_is_not_told_again_when_it_fills_after_all() -> None:
    given = placed.given(snapshotted("0", LATER), ticked(LATER))
    assert not given.when(ordered(LATER_STILL, 5, "filled"))


def test_two_orders_are_two_alerts_each_with_its_own_end() -> None:
    given = placed.given(ordered(LATER, order_id="F2", reason="2"))
    (said,) = given.when(ordered(LATER_STILL, 5, "filled"))
    assert (said.step.value, said.episode) == ("confirmed", "F1")
    (said,) = given.given(snapshotted("1", LATER_STILL)).when(ticked(LATEST))
    assert (said.step.value, said.episode) == ("confirmed", "F1")


def test_one_check_may_end_several_orders() -> None:
    given = placed.given(ordered(AT, order_id="F2"), snapshotted("1", LATER))
    assert [(f.step.value, f.episode) for f in given.when(ticked(LATER))] == [
        ("confirmed", "F1"),
        ("confirmed", "F2"),
    ]


def test_it_remembers_whether_an_order_lives() -> None:
    (raised,), (ended,) = rule.when(ordered(AT)), placed.when(ordered(LATER, 5, "filled"))
    assert (raised.level, ended.level) == (1, 2)


def test_it_says_what_a_manager_needs_in_this_order() -> None:
    given = rule.given(snapshotted("-50000.125", AT))
    (said,) = given.when(ordered(LATER, 2, "partly-filled"))
    assert list(said.facts.items()) == [
        ("剩余手数", "3手"),
        ("合约", "rb2610"),
        ("买卖", "卖"),
        ("委托/已成", "5手/2手"),
        ("原因", "资金不足"),
        ("可用资金", "-50,000.125元"),
    ]
    assert said.summary == "强平单已报出：rb2610 卖 5手，原因资金不足"


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    (said,) = rule.when(ordered(AT, direction="buy", reason="z"))
    assert said.facts["可用资金"] == "未知"
    assert said.facts["买卖"] == "买"
    assert said.facts["原因"] == "z"


def test_progress_names_what_is_filled_and_what_remains() -> None:
    (said,) = placed.when(ordered(LATER, 2, "partly-filled"))
    assert said.summary == "强平单已成2手，剩余3手"


def test_an_order_that_has_ended_is_never_raised_again() -> None:
    ended = rule.given(ordered(AT, 5, "filled"), settled("1000000", DAY + timedelta(days=11)))
    assert not ended.when(ordered(AT + timedelta(days=12), 5, "filled"))


def test_money_seen_at_the_very_moment_of_the_order_cures_nothing() -> None:
    assert not placed.given(snapshotted("500000", AT)).when(ticked(LATER))
