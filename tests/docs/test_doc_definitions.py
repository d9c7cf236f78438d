"""The page of definitions has a section for every rule, with its thresholds as they ship."""

import re
from pathlib import Path

import pytest

from services.mot.domain.detectors import catalogue
from services.mot.rules import read_rules
from shared.contracts.messages import of_rule

PAGE = Path(__file__).parents[2] / "docs" / "definitions.md"
TEXT = PAGE.read_text(encoding="utf-8")
RULES = read_rules().detectors


def sections(text: str) -> dict[str, str]:
    """Return heading → what is under it."""
    parts = text.split("\n## ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def section(text: str, rule: str) -> tuple[str, str]:
    """Return the one section whose heading names the rule."""
    (found,) = (entry for entry in sections(text).items() if f"`{rule}`" in entry[0])
    return found


def missing(text: str, rule: str) -> list[str]:
    """Return the thresholds whose default a rule's section does not say."""
    body = section(text, rule)[1]
    return [
        name
        for name, value in RULES[rule].thresholds().items()
        if not re.search(rf"`{name}` [^，；。\n]*{re.escape(value)}", body)
    ]


@pytest.mark.parametrize("rule", catalogue())
def test_every_rule_has_one_section_with_its_thresholds_and_its_runbook(rule: str) -> None:
    heading, body = section(TEXT, rule)
    assert missing(TEXT, rule) == []
    assert f"(runbooks/{rule}.md)" in body
    assert of_rule(rule).name in heading + body


def test_every_section_is_of_a_rule_that_exists() -> None:
    named = [name for heading in sections(TEXT) for name in re.findall(r"`(\w+)`", heading)]
    assert sorted(named) == sorted(catalogue())


@pytest.mark.parametrize(
    ("rule", "planted", "names"),
    [
        ("unfunded_account", ("`until` 10", "`until` 11"), ["until"]),
        ("margin_usage", ("`gap` 0.05", "`hysteresis` 0.05"), ["gap"]),
        ("weekly_loss", ("`floor` 10000", "`floor` 5000"), ["floor"]),
    ],
)
def test_a_planted_wrong_default_is_found(
    rule: str, planted: tuple[str, str], names: list[str]
) -> None:
    assert missing(TEXT.replace(*planted), rule) == names
