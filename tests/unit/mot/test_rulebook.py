"""Which version of a rule is in force, which are refused, and what a stamp brings back."""

import json
from typing import Any

import pytest

from services.mot.domain.watch import Rules
from services.mot.rulebook import Rulebook, versions_of
from services.mot.rules import WrongRules, read_rules
from shared.contracts.rules import Rule, published

MOMENT = "2026-06-01T10:00:00+08:00"
LINES = {"limit": "3000000", "floor": "500000", "share": "0.5"}


def rule(version: int, **given: Any) -> Rule:
    usual = {
        "rule": "large_withdrawal",
        "version": version,
        "urgency": "high",
        "thresholds": LINES,
        "author": "risk-desk",
        "published_at": MOMENT,
    }
    return Rule.model_validate(usual | given)


def raw(version: int, **given: Any) -> bytes:
    return published(rule(version, **given)).encode()


def book(*versions: bytes) -> Rulebook:
    made = Rulebook(read_rules())
    for version in versions:
        made.take(version)
    return made


def limit(rules: Rules) -> str:
    return rules.detectors["large_withdrawal"].thresholds()["limit"]


def test_the_file_is_in_force_until_something_is_published() -> None:
    shipped = read_rules()
    assert book().latest.rules.detectors == shipped.detectors
    assert list(book().latest.rules.detectors) == list(shipped.detectors)
    assert set(versions_of(book().latest.stamp).values()) == {1}


def test_a_higher_version_overrides_the_file_and_only_that_rule() -> None:
    now = book(raw(2)).latest
    assert limit(now.rules) == "3000000"
    assert versions_of(now.stamp)["large_withdrawal"] == 2
    others = {n: d for n, d in now.rules.detectors.items() if n != "large_withdrawal"}
    assert others == {n: read_rules().detectors[n] for n in others}
    assert list(now.rules.detectors) == list(read_rules().detectors)


def test_a_rule_is_switched_off_and_on_again() -> None:
    off = book(raw(2, enabled=False))
    assert "large_withdrawal" not in off.latest.rules.detectors
    off.take(raw(3))
    assert limit(off.latest.rules) == "3000000"


def test_a_rule_without_a_line_in_the_file_is_switched_on() -> None:
    made = Rulebook(Rules({}, read_rules().calendar))
    made.take(raw(1))
    assert limit(made.latest.rules) == "3000000"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (b"garbage", "no rule.published"),
        (None, "no rule.published"),
        (raw(2).replace(b'"version":2', b'"version":"two"'), "data.version"),
        (raw(2).replace(b'"urgency":"high"', b'"urgency":"loud"'), "data.urgency"),
        (raw(2, rule="large_withdrawl"), "no such rule: large_withdrawl"),
        (raw(2, thresholds={**LINES, "limt": "5"}), "large_withdrawal.limt"),
        (raw(2, thresholds={**LINES, "limit": "-1"}), "large_withdrawal.limit"),
        (raw(2, thresholds={**LINES, "limit": "much"}), "large_withdrawal.limit: not an amount"),
        (raw(2, thresholds={**LINES, "version": "9"}), "version is no threshold"),
        (raw(1), "above 1"),
        (raw(3), "above 3"),
        (raw(2), "above 3"),
        (raw(4, rule="large_withdrawl", enabled=False), "no such rule"),
    ],
)
def test_what_is_wrong_is_refused_with_the_reason_and_the_old_one_stays(
    wrong: bytes | None, why: str
) -> None:
    made = book(raw(3)) if why == "above 3" else book()
    before = made.latest
    with pytest.raises(WrongRules, match=why):
        made.take(wrong)
    assert made.latest is before


def test_a_stamp_brings_back_what_was_in_force() -> None:
    made = book()
    old = made.latest.stamp
    made.take(raw(2))
    middle = made.latest.stamp
    made.take(raw(3, enabled=False))
    assert made.resolve(old).rules.detectors == read_rules().detectors
    assert limit(made.resolve(middle).rules) == "3000000"
    assert made.resolve(middle).stamp == middle
    assert made.resolve(made.latest.stamp).rules.detectors == made.latest.rules.detectors
    assert made.resolve("") is made.latest


def test_an_upgrade_keeps_the_published_versions_for_replays() -> None:
    made = book(raw(2))
    stamp = made.latest.stamp
    shipped = read_rules()
    newer = shipped.detectors["large_withdrawal"].model_copy(update={"version": 5})
    upgraded = Rulebook(Rules({**shipped.detectors, "large_withdrawal": newer}, shipped.calendar))
    upgraded.take(raw(2))
    assert versions_of(upgraded.latest.stamp)["large_withdrawal"] == 5
    assert limit(upgraded.resolve(stamp).rules) == "3000000"
    with pytest.raises(WrongRules, match="above 5"):
        upgraded.take(raw(5))


def test_a_stamp_of_a_release_without_a_rule_lets_the_new_rule_hold() -> None:
    named = versions_of(book().latest.stamp)
    del named["near_dormancy"]
    assert "near_dormancy" in book().resolve(json.dumps(named)).rules.detectors


def test_a_version_that_is_nowhere_gives_way_and_is_named() -> None:
    found = book().resolve('{"large_withdrawal":7,"gone":3}')
    assert found.missing == ("large_withdrawal:7",)
    assert found.rules.detectors == read_rules().detectors
