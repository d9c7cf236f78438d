"""Every threshold counts: moved by its smallest unit, it turns the demo's verdict red.

The demo's own play goes through the services' own code, from the broker's files and events to the
text on a phone, and is judged by the demo's own verdict.
"""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from deploy.synthetic.play import Play
from deploy.synthetic.stage import Stage
from deploy.synthetic.verdict import Verdict, judge
from services.mot.domain.detector import Detector
from services.mot.domain.watch import Rules
from services.mot.rules import read_rules
from shared.kernel.trading_day import TradingDay, china
from tests.kit.in_process import Record, journal, published

pytestmark = pytest.mark.e2e

LI, PART, ONE = Decimal("0.001"), Decimal("0.001"), Decimal(1)
MOVEMENT = {"limit": LI, "floor": LI, "share": PART}
RATIO = {"line": PART, "gap": PART}
EXPIRY = {"raise_before": ONE, "remind_before": ONE}
SMALLEST: dict[str, dict[str, Decimal]] = {
    "large_withdrawal": MOVEMENT,
    "large_deposit": MOVEMENT,
    "consecutive_overdraft": {"days": ONE, "total": LI},
    "near_dormancy": {"equity": LI, "years": ONE, "raise_before": ONE, "remind_before": ONE},
    "dormancy_reactivation": {"equity": LI, "years": ONE},
    "margin_usage": RATIO,
    "margin_call": RATIO,
    "exchange_margin_call": RATIO,
    "daily_drawdown": {"share": PART},
    "weekly_loss": {"days": ONE, "share": PART, "floor": LI},
    "rebate_expiry": EXPIRY,
    "suitability_expiry": EXPIRY,
    "certificate_expiry": EXPIRY,
    "unfunded_account": {"days": ONE, "until": ONE},
    "idle_account": {"days": ONE, "week": ONE, "equity": LI},
    "feed_silence": {"minutes": ONE},
}
"""Each threshold that is a number and its smallest unit: 厘, a thousandth, a day, a year …"""

NAMES = {("feed_silence", "sources")}
UNITS = [(rule, name, unit) for rule, units in SMALLEST.items() for name, unit in units.items()]


def play(day: str = "2026-06-01", accounts: int = 180) -> Play:
    return Play.of(Stage(TradingDay(date.fromisoformat(day)), china()), accounts, seed=7)


@pytest.fixture(scope="module")
def played() -> Play:
    return play()


@pytest.fixture(scope="module")
def log(played: Play) -> list[Record]:
    return asyncio.run(published(played.minutes()))


@pytest.fixture(scope="module")
def actors() -> Play:
    """The episodes alone: nothing of a threshold is shown by the quiet clients."""
    return play(accounts=1)


@pytest.fixture(scope="module")
def acted(actors: Play) -> list[Record]:
    return asyncio.run(published(actors.minutes()))


async def verdict(played: Play, log: list[Record], rules: Rules) -> Verdict:
    """Judge the messages of those rules alone."""
    kinds = {detector.message_type for detector in rules.detectors.values()}
    asked = [message for message in played.golden if message.title.partition("（")[0] in kinds]
    return judge(asked, await journal(log, rules))


def only(rule: str, **changed: Any) -> Rules:
    """Return one rule with thresholds changed, through the same checks as a rules file."""
    rules = read_rules()
    detector = rules.detectors[rule]
    given = {**detector.model_dump(), **changed}
    return replace(rules, detectors={rule: type(detector).model_validate(given)})


async def test_the_shipped_rules_tell_exactly_the_golden_messages(
    played: Play, log: list[Record]
) -> None:
    found = await verdict(played, log, read_rules())
    assert found.differences() == []
    assert found.passed
    assert found.delivered == len(played.golden) > 300


@pytest.mark.parametrize("rule", sorted(read_rules().detectors))
async def test_each_rule_alone_tells_its_own(actors: Play, acted: list[Record], rule: str) -> None:
    found = await verdict(actors, acted, only(rule))
    assert found.differences() == []
    assert found.passed


@pytest.mark.parametrize("direction", [1, -1], ids=["up", "down"])
@pytest.mark.parametrize(
    ("rule", "threshold", "unit"), UNITS, ids=[f"{rule}-{name}" for rule, name, _ in UNITS]
)
async def test_a_threshold_moved_by_its_smallest_unit_turns_the_verdict_red(
    actors: Play, acted: list[Record], moved: tuple[str, str, Decimal]
) -> None:
    rule, threshold, by = moved
    value = getattr(read_rules().detectors[rule], threshold) + by
    if (threshold, value) == ("years", 0):
        with pytest.raises(ValueError, match="greater than 0"):
            only(rule, years=0)  # no year at all is no rule
        return
    found = await verdict(actors, acted, only(rule, **{threshold: value}))
    assert not found.passed
    assert found.missing or found.unexpected


async def test_another_source_than_the_silent_one_is_not_missed(
    actors: Play, acted: list[Record]
) -> None:
    found = await verdict(actors, acted, only("feed_silence", sources=("push",)))
    assert len(found.missing) == found.golden > 0


@pytest.fixture
def moved(rule: str, threshold: str, unit: Decimal, direction: int) -> tuple[str, str, Decimal]:
    return rule, threshold, direction * unit


def test_no_threshold_of_the_shipped_rules_is_left_out() -> None:
    shipped = {
        (rule, threshold)
        for rule, detector in read_rules().detectors.items()
        for threshold in type(detector).model_fields.keys() - Detector.model_fields.keys()
    }
    assert shipped == {(rule, name) for rule, name, _ in UNITS} | NAMES


@pytest.mark.parametrize("day", ["2026-06-10", "2026-05-06", "2026-06-16"])
async def test_other_days_of_the_calendar_pass_as_well(day: str) -> None:
    another = play(day)
    found = await verdict(another, await published(another.minutes()), read_rules())
    assert found.differences() == []
    assert found.passed
