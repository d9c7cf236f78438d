"""Why a rule has, or has not, alerted: each condition beside the line, judged as the rule does."""

from datetime import date

import pytest

from services.mot.commands.asking import explanation
from services.mot.domain.account import EMPTY, changed
from services.mot.domain.detectors import catalogue
from services.mot.domain.detectors.feed_silence import FeedSilence
from services.mot.domain.events import TradingEvent
from services.mot.domain.watch import Rules
from services.mot.rules import read_rules
from shared.kernel.trading_day import china
from tests.kit.events import (
    DAY,
    YESTERDAY,
    agreed,
    baselined,
    closed,
    deposited,
    li,
    moment,
    ordered,
    settled,
    snapshotted,
    ticked,
    withdrew,
)
from tests.kit.scenario import play

RULES = read_rules()


def asked(rule: str, *log: object) -> list[str]:
    """Return what is said of a rule after a log."""
    account = play(log, RULES).account  # type: ignore[arg-type]
    return list(explanation(account, rule, RULES.detectors.get(rule), china()))


def alone(rule: str) -> Rules:
    """Return one rule as it ships; the feed's has the feed's account."""
    return Rules({rule: RULES.detectors[rule]}, china())


def conditions(rule: str, *log: object) -> dict[str, bool | None]:
    """Return condition → whether it is met."""
    account = play(log, alone(rule)).account  # type: ignore[arg-type]
    return {c.name: c.met for c in RULES.detectors[rule].why(account, china())}


RICH = settled(1_000_000, YESTERDAY)


def test_a_sum_under_its_line_is_the_reason() -> None:
    said = asked("large_withdrawal", RICH, withdrew(400_000))
    assert "✗ 没到 not met  2026-06-01累计出金: 40万元  （线 line 50万元）" in said
    assert any(line.startswith("→ 此刻不提醒") for line in said)
    assert "还没说过 · nothing was said yet" in said


def test_a_sum_at_its_line_is_met_and_what_was_said_is_told() -> None:
    said = asked("large_withdrawal", RICH, withdrew(500_000))
    assert "→ 条件都到了 · all conditions are met" in said
    assert any(line.startswith("说过 said: 2026-06-01 第 1 版") for line in said)
    assert any("limit=5000000" in line for line in said)


AT = moment(DAY, "10:40")
OLD = baselined(date(2019, 3, 1), date(2024, 11, 20))
IDLE = baselined(date(2019, 3, 1), date(2026, 4, 15))
LOGS: dict[str, tuple[tuple[TradingEvent, ...], tuple[TradingEvent, ...]]] = {
    "large_deposit": ((RICH, deposited(500_000)), (RICH, deposited(499_999))),
    "margin_call": (
        (snapshotted(1, AT, equity=li(100), margin=li(100)),),
        (snapshotted(1, AT, equity=li(100), margin=li(99)),),
    ),
    "exchange_margin_call": (
        (snapshotted(1, AT, equity=li(100), exchange_margin=li(100)),),
        (snapshotted(1, AT, equity=li(100), margin=li(100)),),
    ),
    "daily_drawdown": ((RICH, snapshotted(799_999, AT)), (RICH, snapshotted(800_000, AT))),
    "weekly_loss": ((RICH, settled(800_000, DAY)), (RICH, settled(800_001, DAY))),
    "forced_liquidation": ((ordered(AT),), (RICH,)),
    "first_deposit": ((baselined(date(2026, 5, 20)), deposited(5)), (deposited(5),)),
    "idle_account": (
        (IDLE, settled(20_000, YESTERDAY), settled(20_000, DAY)),
        (IDLE, settled(20_000, YESTERDAY)),
    ),
    "dormancy_reactivation": (
        (OLD, settled(800, YESTERDAY), settled(800, DAY, traded_lots=1)),
        (OLD, settled(800, YESTERDAY), settled(800, DAY)),
    ),
    "rebate_expiry": (
        (agreed(date(2026, 6, 12)), settled(9, DAY)),
        (agreed(date(2026, 9, 30)), settled(9, DAY)),
    ),
    "suitability_expiry": (
        (baselined(date(2019, 3, 1), risk_level_until=date(2026, 6, 12)), settled(9, DAY)),
        (baselined(date(2019, 3, 1), risk_level_until=date(2026, 5, 12)), settled(9, DAY)),
    ),
    "feed_silence": (
        (ticked(AT, heard={"stream": moment(DAY, "10:31"), "ctp:account": moment(DAY, "10:31")}),),
        (ticked(AT, heard={"stream": AT}),),
    ),
    "large_withdrawal": ((RICH, withdrew(500_000)), (RICH, withdrew(499_999))),
    "margin_usage": (
        (snapshotted(1, moment(DAY, "10:00"), equity=li(100), margin=li(80)),),
        (snapshotted(1, moment(DAY, "10:00"), equity=li(100), margin=li(79)),),
    ),
    "negative_equity": (
        (snapshotted(-5, moment(DAY, "10:00"), margin=li(9)),),
        (snapshotted(-5, moment(DAY, "10:00"), margin=li(0)),),
    ),
    "consecutive_overdraft": (
        (settled(1, YESTERDAY, -60_000), settled(1, DAY, -40_000)),
        (settled(1, YESTERDAY, -60_000), settled(1, DAY, -39_999)),
    ),
    "unfunded_account": (
        (baselined(date(2026, 5, 27)), closed(DAY), settled(0, DAY)),
        (baselined(date(2026, 5, 28)), closed(DAY), settled(0, DAY)),
    ),
    "near_dormancy": (
        (baselined(date(2019, 3, 1)), settled(1_000, DAY, position_lots=0), closed(DAY)),
        (baselined(date(2019, 3, 1)), settled(1_001, DAY, position_lots=0), closed(DAY)),
    ),
    "certificate_expiry": (
        (baselined(date(2019, 3, 1), certificate_until=date(2026, 6, 12)), settled(9, DAY)),
        (baselined(date(2019, 3, 1), certificate_until=date(2026, 9, 30)), settled(9, DAY)),
    ),
}


@pytest.mark.parametrize("rule", catalogue())
def test_all_conditions_are_met_exactly_when_the_rule_has_spoken(rule: str) -> None:
    for log, speaks in zip(LOGS[rule], (True, False), strict=True):
        spoken = bool(play(log, alone(rule)).alerts)
        found = conditions(rule, *log)
        assert spoken is speaks
        assert found
        assert all(met is True for met in found.values()) is speaks


@pytest.mark.parametrize("rule", catalogue())
def test_any_rule_can_be_asked_of_an_account_that_nothing_is_known_of(rule: str) -> None:
    said = list(explanation(EMPTY, rule, RULES.detectors[rule], china()))
    assert "→ 条件都到了 · all conditions are met" not in said
    assert any(line.startswith("阈值 thresholds: urgency=") for line in said)


def test_money_that_is_not_settled_yet_keeps_an_account_from_dormancy() -> None:
    log = (baselined(date(2019, 3, 1)), settled(800, YESTERDAY, position_lots=0))
    assert all(conditions("near_dormancy", *log, deposited(200)).values())
    found = conditions("near_dormancy", *log, deposited(201))
    assert found.pop("权益加未结算净入金") is False
    assert all(found.values())
    assert conditions("near_dormancy", *log, withdrew(300))["权益加未结算净入金"] is True


def test_a_trade_of_who_was_not_dormant_is_told_apart_from_no_trade() -> None:
    awake = (RICH, settled(1, DAY, traded_lots=1))
    assert conditions("dormancy_reactivation", *awake) == {"成交": True, "成交前休眠": False}
    waiting = conditions("dormancy_reactivation", OLD, settled(800, DAY))
    assert waiting.pop("成交") is False
    assert all(waiting.values()), "the next trade would be told"


def test_each_live_order_is_a_reason_and_an_ended_one_is_none() -> None:
    log = (ordered(AT), ordered(AT, order_id="F2"), ordered(AT, 5, "filled"))
    assert conditions("forced_liquidation", *log) == {"强平单F2": True}
    assert conditions("forced_liquidation", *log, settled(1, DAY)) == {"未了的强平单": False}


@pytest.mark.parametrize(
    ("log", "funded", "met"),
    [
        ((baselined(date(2026, 5, 20)),), "还没有入金", False),
        ((RICH, baselined(date(2026, 5, 20)), deposited(5)), "此前已有过资金", False),
        ((baselined(date(2026, 5, 20)), deposited(5)), "2026-06-01", True),
    ],
)
def test_the_first_deposit_names_what_was_first(
    log: tuple[TradingEvent, ...], funded: str, met: bool
) -> None:
    account = play(log, alone("first_deposit")).account
    found = {c.name: c for c in RULES.detectors["first_deposit"].why(account, china())}
    assert (found["首次入金"].figure, found["首次入金"].met) == (funded, met)


def test_a_source_that_is_silent_is_named_with_its_last_word() -> None:
    account = play((ticked(AT),), alone("feed_silence")).account
    (shown,) = RULES.detectors["feed_silence"].why(account, china())
    assert (shown.name, shown.figure) == ("数据源stream", "中断，最后收到 从未")
    only_patterns = FeedSilence(sources=("*:account",))
    assert [c.met for c in only_patterns.why(account, china())] == [True]
    assert [c.met for c in only_patterns.why(EMPTY, china())] == [False]
    assert [c.met for c in FeedSilence(sources=()).why(EMPTY, china())] == [False]


def test_an_end_that_has_passed_or_is_out_of_sight_is_said_to_be() -> None:
    for until, figure in ((date(2026, 5, 12), "已过"), (date(2027, 5, 12), "在日历之外")):
        log = (baselined(date(2019, 3, 1), certificate_until=until), settled(9, DAY))
        account = play(log, alone("certificate_expiry")).account
        (shown,) = RULES.detectors["certificate_expiry"].why(account, china())
        assert (shown.figure, shown.met) == (figure, False)


def test_what_hinders_the_rule_is_said() -> None:
    broken = changed(EMPTY, incomplete=True, switched_off={"margin_call": "1/x"})
    said = list(explanation(broken, "margin_call", RULES.detectors["margin_call"], china()))
    assert any("switched off" in line for line in said)
    assert any("incomplete" in line for line in said)
    assert list(explanation(EMPTY, "margin_call", None, china())) == [
        "规则是关的，不会提醒 · the rule is off"
    ]
