"""A rule is a detector, a line of rules.yaml, a test that hears it and misses it, and a runbook."""

import ast
from pathlib import Path

import pytest
import yaml

from services.mot.domain.account import EMPTY
from services.mot.domain.detector import Detector
from services.mot.domain.detectors import catalogue
from services.mot.rules import SHIPPED
from shared.kernel.trading_day import china

ROOT = Path(__file__).parents[2]
TESTS, RUNBOOKS = ROOT / "tests" / "unit" / "mot", ROOT / "docs" / "runbooks"
TOGETHER = dict.fromkeys(("certificate_expiry", "suitability_expiry"), "baseline_expiry")
"""Rules that one test hears and misses, each in its turn."""
SILENT = "def test_a():\n    assert not rule.when(settled(5))\n"
SPEAKS = "def test_b():\n    assert steps(rule.given(1).when(settled(5))) == ['raised']\n"


def _asks(expression: ast.AST) -> bool:
    """Say whether an expression asks a detector: ``….when(…)``."""
    calls = (node for node in ast.walk(expression) if isinstance(node, ast.Call))
    return any(isinstance(c.func, ast.Attribute) and c.func.attr == "when" for c in calls)


def examples(source: str) -> tuple[int, int]:
    """Count the assertions in which the detector speaks, and those in which it stays silent."""
    asked = [a.test for a in ast.walk(ast.parse(source)) if isinstance(a, ast.Assert)]
    asked = [test for test in asked if _asks(test)]
    silent = [t for t in asked if isinstance(t, ast.UnaryOp) and isinstance(t.op, ast.Not)]
    return len(asked) - len(silent), len(silent)


def test_every_detector_has_its_line_of_config_and_every_line_its_detector() -> None:
    assert set(yaml.safe_load(SHIPPED.read_bytes())) == set(catalogue())


def test_every_line_says_every_threshold_that_there_is() -> None:
    lines = yaml.safe_load(SHIPPED.read_bytes())
    for rule, detector in catalogue().items():
        assert set(lines[rule]) == set(detector.model_fields), rule


def test_every_detector_has_its_runbook_and_every_runbook_its_detector() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(catalogue())


@pytest.mark.parametrize("rule", catalogue())
def test_every_detector_is_heard_and_missed_by_its_own_test(rule: str) -> None:
    source = (TESTS / f"test_{TOGETHER.get(rule, rule)}.py").read_text(encoding="utf-8")
    speaks, silent = examples(source)
    assert catalogue()[rule].__name__ in source
    assert speaks >= 1
    assert silent >= 1


@pytest.mark.parametrize("rule", catalogue())
def test_every_detector_can_be_asked_why_of_whomever(rule: str) -> None:
    detector = catalogue()[rule]
    assert detector.why is not Detector.why
    conditions = list(detector().why(EMPTY, china()))
    assert conditions
    assert not all(condition.met for condition in conditions)


@pytest.mark.parametrize("rule", catalogue())
def test_every_detector_says_what_it_is_and_what_to_do(rule: str) -> None:
    detector = catalogue()[rule]
    for said in (detector.message_type, detector.action, detector.action_after):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said)
    assert detector.listens_to
    assert detector.message_type in (detector.__doc__ or "") + _module(rule)


def _module(rule: str) -> str:
    folder = ROOT / "services" / "mot" / "domain" / "detectors"
    return (folder / f"{rule}.py").read_text(encoding="utf-8").partition("\n")[0]


def test_a_test_without_one_of_the_two_would_be_seen() -> None:
    assert examples(SILENT) == (0, 1)
    assert examples(SPEAKS) == (1, 0)
    assert examples(SILENT + SPEAKS) == (1, 1)
    assert examples("def test_c():\n    assert not said\n    assert 1\n") == (0, 0)
