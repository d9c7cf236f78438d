"""The golden messages follow from the definitions, on any day, and every threshold matters.

An independent model of the definitions hears what a perfect ingest would publish of the play.
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

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
    "consecutive_overdraft": "连续透支",
    "forced_liquidation": "强平通知",
    "near_dormancy": "临近休眠",
}
DEFAULT = "2026-06-01"
Told = Counter[tuple[str, str, int]]


def play(day: str = DEFAULT, accounts: int = 80, seed: int = 7) -> Play:
    return Play.of(Stage(TradingDay(date.fromisoformat(day)), china()), accounts, seed)


def golden(of: Play) -> Told:
    cards = [message for message in of.golden if message.channel == "wecom"]
    return Counter((card.account, card.title, card.revision) for card in cards)


def reckoned(events: list[TradingEvent], lines: Lines | None = None) -> Told:
    return Counter(
        (
            mask_account(alert.account),
            KINDS[alert.rule] + MARKS[alert.type.removeprefix("alert.")],
            alert.revision,
        )
        for alert in expected(events, lines)
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
        "2024-02-29",
    ],
)
def test_the_golden_list_is_what_the_definitions_ask_for(day: str) -> None:
    played = play(day)
    assert reckoned(canonical(played.minutes())) == golden(played)


@pytest.mark.parametrize(
    "moved",
    [
        {"limit": Decimal("5000000.001")},
        {"limit": Decimal("4999999.999")},
        {"floor": Decimal("500000.001")},
        {"floor": Decimal("499999.999")},
        {"share": Decimal("0.501")},
        {"share": Decimal("0.499")},
        {"days": 3},
        {"days": 1},
        {"total": Decimal("100000.001")},
        {"total": Decimal("99999.999")},
        {"equity": Decimal("1000.001")},
        {"equity": Decimal("999.999")},
        {"years": 2},
        {"years": 0},
        {"raise_before": 11},
        {"raise_before": 9},
        {"remind_before": 4},
        {"remind_before": 2},
    ],
    ids=lambda moved: "-".join(f"{name}-{value}" for name, value in moved.items()),
)
def test_a_threshold_moved_by_its_smallest_unit_asks_for_other_messages(
    moved: dict[str, Any], heard: list[TradingEvent]
) -> None:
    assert told(heard, replace(Lines(), **moved)) != told(heard, Lines())


def told(events: list[TradingEvent], lines: Lines) -> list[tuple[str, Expected]]:
    """Return what is told and by which event: a message a day early is another message."""
    oracle = Oracle(lines)
    return [(event.id, alert) for event in events for alert in oracle.tell(event)]


@pytest.fixture(scope="module")
def heard() -> list[TradingEvent]:
    return canonical(play().minutes())


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
        actor.episode.name for actor in play().company.casts[0].actors if not actor.episode.told
    }
    assert silent == {
        "limit-missed",
        "share-missed",
        "floor-missed",
        "filed-only-missed",
        "overdraft-missed",
        "deposit-is-no-withdrawal",
        "yesterday-is-over",
        "one-day",
        "zero-is-not-below",
        "zero-today",
        "a-hair-too-rich",
        "too-young",
        "traded-within",
        "held-within",
        "posted-twice",
        "refused-a-float-amount",
        "refused-not-a-number",
        "refused-an-impossible-day",
        "refused-no-identity",
    }


def episode(name: str) -> Episode:
    return next(a.episode for a in play().company.casts[0].actors if a.episode.name == name)


def _amount(name: str) -> Decimal:
    (act,) = episode(name).acts
    assert isinstance(act, Withdraw)
    return Decimal(act.amount)
