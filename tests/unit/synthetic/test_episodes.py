"""The golden messages follow from the definitions, on any day, and every threshold matters.

An independent model of the definitions hears what a perfect ingest would publish of the play.
"""

from collections import Counter
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from deploy.synthetic.play import Play
from deploy.synthetic.script import MARKS, Episode, Withdraw
from deploy.synthetic.stage import Stage
from shared.contracts.trading import TradingEvent
from shared.kernel.masking import mask_account
from shared.kernel.trading_day import TradingDay, china
from tests.kit.ideal_ingest import canonical
from tests.kit.reference import Expected, Lines, Oracle, expected

KINDS = {
    "large_withdrawal": "大额出金",
    "large_deposit": "大额入金",
    "consecutive_overdraft": "连续透支",
    "forced_liquidation": "强平通知",
    "near_dormancy": "临近休眠",
    "dormancy_reactivation": "休眠重激活",
    "margin_usage": "保证金占用",
    "margin_call": "追加保证金",
    "exchange_margin_call": "交易所风险",
    "negative_equity": "穿仓",
    "daily_drawdown": "单日回撤",
    "weekly_loss": "大额亏损",
    "rebate_expiry": "返还公式到期",
    "suitability_expiry": "适当性到期",
    "certificate_expiry": "证件到期",
    "first_deposit": "首次入金",
    "unfunded_account": "开户未入金",
    "idle_account": "沉默客户",
    "feed_silence": "数据中断",
}
DEFAULT = "2026-06-01"
Told = Counter[tuple[str, str, int]]


def play(day: str = DEFAULT, accounts: int = 180, seed: int = 7) -> Play:
    return Play.of(Stage(TradingDay(date.fromisoformat(day)), china()), accounts, seed)


def golden(of: Play) -> Told:
    """Count what the episodes say becomes of each alert, but that the settlement agrees."""
    told: Told = Counter()
    for actor in of.company.casts[0].actors:
        revisions: Counter[tuple[str, str]] = Counter()
        for telling in actor.episode.told:
            revisions[telling.kind, telling.alert] += 1
            if telling.step != "confirmed" or not telling.silent:
                revision = revisions[telling.kind, telling.alert]
                told[mask_account(actor.account), telling.title, revision] += 1
    return told


def reckoned(events: list[TradingEvent], lines: Lines | None = None) -> Told:
    return Counter(
        (
            mask_account(alert.account),
            KINDS[alert.rule] + MARKS[alert.type.removeprefix("alert.")],
            alert.revision,
        )
        for alert in expected(events, lines)
        if alert.type != "alert.confirmed" or alert.rule == "forced_liquidation"
    )


@pytest.mark.parametrize(
    "day",
    [
        DEFAULT,
        "2026-05-29",  # eleven trading days before the judgement day
        "2026-06-02",  # nine before: raised by the history
        "2026-06-10",  # three before
        "2026-06-12",  # the eve of the judgement day
        "2026-06-15",  # the judgement day itself
        "2026-06-16",  # the day after it
        "2026-05-06",  # after a holiday: no night session
        "2026-02-24",  # a judgement day put off by the Spring Festival
        "2025-10-09",  # after the longest holiday
        "2024-05-31",
        "2026-12-04",  # too near to the end of the calendar for what ends in twenty days
    ],
)
def test_the_golden_list_is_what_the_definitions_ask_for(day: str) -> None:
    played = play(day)
    assert reckoned(canonical(played.minutes())) == golden(played)


MONEY, PART, ONE = Decimal("0.001"), Decimal("0.001"), 1
SMALLEST: dict[str, Decimal | int] = {
    "limit": MONEY,
    "floor": MONEY,
    "share": PART,
    "deposit_limit": MONEY,
    "deposit_floor": MONEY,
    "deposit_share": PART,
    "days": ONE,
    "total": MONEY,
    "loss_days": ONE,
    "loss_share": PART,
    "loss_floor": MONEY,
    "equity": MONEY,
    "years": ONE,
    "raise_before": ONE,
    "remind_before": ONE,
    "woken_equity": MONEY,
    "woken_years": ONE,
    "expiry_raise_before": ONE,
    "expiry_remind_before": ONE,
    "usage_line": PART,
    "call_line": PART,
    "exchange_line": PART,
    "slack": PART,
    "drawdown_share": PART,
    "unfunded_from": ONE,
    "unfunded_to": ONE,
    "idle_days": ONE,
    "idle_week": ONE,
    "idle_weeks": ONE,
    "idle_equity": MONEY,
    "silent_minutes": ONE,
}


def test_every_line_of_the_definitions_is_moved() -> None:
    assert SMALLEST.keys() | {"sources"} == {line.name for line in fields(Lines)}


@pytest.mark.parametrize("direction", [1, -1], ids=["up", "down"])
@pytest.mark.parametrize("line", SMALLEST)
def test_a_threshold_moved_by_its_smallest_unit_asks_for_other_messages(
    line: str, direction: int, acted: list[TradingEvent], usual: list[tuple[str, Expected]]
) -> None:
    moved = {line: getattr(Lines(), line) + direction * SMALLEST[line]}
    assert told(acted, replace(Lines(), **moved)) != usual


def told(events: list[TradingEvent], lines: Lines) -> list[tuple[str, Expected]]:
    """Return what is told and by which event: a message a day early is another message."""
    oracle = Oracle(lines)
    return [(event.id, alert) for event in events for alert in oracle.tell(event)]


@pytest.fixture(scope="module")
def acted() -> list[TradingEvent]:
    """The episodes alone: nothing of a threshold is shown by the quiet clients."""
    return canonical(play(accounts=1).minutes())


@pytest.fixture(scope="module")
def usual(acted: list[TradingEvent]) -> list[tuple[str, Expected]]:
    return told(acted, Lines())


@pytest.mark.parametrize("family", ["limit", "share", "floor"])
def test_the_twin_of_a_line_is_one_li_short_of_it(family: str) -> None:
    reached, missed = (_amount(f"{family}-{end}") for end in ("reached", "missed"))
    assert reached - missed == Decimal("0.001")
    assert episode(f"{family}-reached").opening == episode(f"{family}-missed").opening


def test_the_twins_of_the_other_thresholds_are_one_smallest_unit_apart() -> None:
    debts = [
        sum(map(Decimal, episode(f"overdraft-{end}").available.values()))
        for end in ("reached", "missed")
    ]
    assert debts == [Decimal(-100_000), Decimal("-99999.999")]
    assert episode("dormant").opening == "1000.000"
    assert episode("a-hair-too-rich").opening == "1000.001"
    pasts = {name: episode(name).past for name in ("a-year-old", "too-young")}
    opened = [past.opened_on.isoformat() for past in pasts.values() if past]
    assert opened == ["2025-06-15", "2025-06-16"]
    traded = [episode(f"traded-{when}").past for when in ("before", "within")]
    assert [f"{past.last_trade_on}" for past in traded if past] == ["2025-06-14", "2025-06-15"]
    held = [episode(f"held-{when}").past for when in ("before", "within")]
    assert [f"{past.last_position_on}" for past in held if past] == ["2025-06-14", "2025-06-15"]


def test_these_and_only_these_clients_are_never_spoken_of() -> None:
    silent = {
        actor.episode.name
        for actor in play().company.casts[0].actors
        if all(telling.silent for telling in actor.episode.told)
    }
    assert silent == {
        "a-hair-too-rich",
        "awake-on-the-line",
        "deposit-floor-missed",
        "deposit-limit-missed",
        "deposit-share-missed",
        "drawdown-missed",
        "filed-only-missed",
        "floor-missed",
        "held-on-the-line",
        "held-within",
        "idle-for-long",
        "idle-with-too-little",
        "limit-missed",
        "no-position",
        "not-the-first",
        "posted-twice",
        "rebate-for-ever",
        "rebate-over",
        "refused-a-float-amount",
        "refused-an-impossible-day",
        "refused-no-identity",
        "refused-not-a-number",
        "share-missed",
        "too-rich-to-sleep",
        "too-young",
        "too-young-to-sleep",
        "traded-within",
        "unfunded-too-late",
        "usage-missed",
        "usage-missed-by-the-files",
        "week-floor-missed",
        "week-just-outside",
        "week-of-a-larger-deposit",
        "week-share-missed",
        "withdrawn-is-not-lost",
        "yesterday-is-over",
    }


def episode(name: str) -> Episode:
    return next(a.episode for a in play().company.casts[0].actors if a.episode.name == name)


def _amount(name: str) -> Decimal:
    (act,) = episode(name).acts
    assert isinstance(act, Withdraw)
    return Decimal(act.amount)
