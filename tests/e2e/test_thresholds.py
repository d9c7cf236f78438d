"""Every threshold counts: moved by its smallest unit, it turns the demo's verdict red.

The demo's own play goes through the services' own code, from the broker's files and events to the
text on a phone, and is judged by the demo's own verdict.
"""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

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

SMALLEST: dict[tuple[str, str], Decimal] = {
    ("large_withdrawal", "limit"): Decimal("0.001"),
    ("large_withdrawal", "floor"): Decimal("0.001"),
    ("large_withdrawal", "share"): Decimal("0.001"),
    ("consecutive_overdraft", "days"): Decimal(1),
    ("consecutive_overdraft", "total"): Decimal("0.001"),
    ("near_dormancy", "equity"): Decimal("0.001"),
    ("near_dormancy", "years"): Decimal(1),
    ("near_dormancy", "raise_before"): Decimal(1),
    ("near_dormancy", "remind_before"): Decimal(1),
}
"""Each threshold of the shipped rules and its smallest unit: 厘, a thousandth, a day, a year."""


def play(day: str = "2026-06-01") -> Play:
    return Play.of(Stage(TradingDay(date.fromisoformat(day)), china()), accounts=80, seed=7)


@pytest.fixture(scope="module")
def played() -> Play:
    return play()


@pytest.fixture(scope="module")
def log(played: Play) -> list[Record]:
    return asyncio.run(published(played.minutes()))


async def verdict(played: Play, log: list[Record], rules: Rules) -> Verdict:
    return judge(played.golden, await journal(log, rules))


def moved(rules: Rules, rule: str, threshold: str, by: Decimal) -> Rules:
    """Return the rules with one threshold moved, through the same checks as a rules file."""
    detector = rules.detectors[rule]
    given = {**detector.model_dump(), threshold: getattr(detector, threshold) + by}
    changed = type(detector).model_validate(given)
    assert getattr(changed, threshold) != getattr(detector, threshold)
    return replace(rules, detectors={**rules.detectors, rule: changed})


async def test_the_shipped_rules_tell_exactly_the_golden_messages(
    played: Play, log: list[Record]
) -> None:
    found = await verdict(played, log, read_rules())
    assert found.differences() == []
    assert found.passed
    assert found.delivered == len(played.golden) > 100


@pytest.mark.parametrize("direction", [1, -1], ids=["up", "down"])
@pytest.mark.parametrize(
    ("rule", "threshold"), SMALLEST, ids=["-".join(threshold) for threshold in SMALLEST]
)
async def test_a_threshold_moved_by_its_smallest_unit_turns_the_verdict_red(
    played: Play, log: list[Record], rule: str, threshold: str, direction: int
) -> None:
    if (threshold, direction) == ("years", -1):
        with pytest.raises(ValueError, match="greater than 0"):
            moved(read_rules(), rule, threshold, Decimal(-1))  # no year at all is no rule
        return
    rules = moved(read_rules(), rule, threshold, direction * SMALLEST[rule, threshold])
    found = await verdict(played, log, rules)
    assert not found.passed
    assert found.missing or found.unexpected


def test_no_threshold_of_the_shipped_rules_is_left_out() -> None:
    shipped = {
        (rule, threshold)
        for rule, detector in read_rules().detectors.items()
        for threshold in type(detector).model_fields.keys() - Detector.model_fields.keys()
    }
    assert shipped == set(SMALLEST)


@pytest.mark.parametrize("day", ["2026-06-10", "2026-05-06", "2026-06-16"])
async def test_other_days_of_the_calendar_pass_as_well(day: str) -> None:
    another = play(day)
    found = await verdict(another, await published(another.minutes()), read_rules())
    assert found.differences() == []
    assert found.passed
