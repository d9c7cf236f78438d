"""rules.yaml: one line switches one detector on, and a mistake in it is named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.mot.domain.detectors import catalogue
from services.mot.rules import WrongRules, read_rules
from shared.contracts.alerts import Urgency
from shared.kernel.trading_day import china


def written(folder: Path, text: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_rules_are_every_detector_with_its_own_defaults() -> None:
    rules = read_rules()
    assert rules.detectors == {name: detector() for name, detector in catalogue().items()}
    assert rules.calendar is china()


def test_a_detector_knows_its_rules_name() -> None:
    assert {name: detector.rule for name, detector in catalogue().items()} == {
        name: name for name in catalogue()
    }


def test_a_line_sets_thresholds_and_urgency(tmp_path: Path) -> None:
    path = written(tmp_path, 'large_withdrawal: {limit: "1.001", share: 0.3, urgency: low}')
    (detector,) = read_rules(path).detectors.values()
    assert detector.thresholds() == {"limit": "1.001", "floor": "500000", "share": "0.3"}
    assert detector.urgency is Urgency.LOW


def test_a_line_without_thresholds_takes_the_defaults(tmp_path: Path) -> None:
    rules = read_rules(written(tmp_path, "forced_liquidation:\n"))
    assert rules.detectors == {"forced_liquidation": catalogue()["forced_liquidation"]()}


def test_no_line_is_no_rule(tmp_path: Path) -> None:
    assert not read_rules(written(tmp_path, "# nothing\n")).detectors


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("large_withdrawl: {}", "no such rule: large_withdrawl"),
        ("large_withdrawal: {limt: 5}", "limt"),
        ("large_withdrawal: {limit: 0}", "limit"),
        ("large_withdrawal: {limit: -1}", "limit"),
        ("large_withdrawal: {limit: 5000000.5}", "a float is not an amount"),
        ("large_withdrawal: {limit: .nan}", "limit"),
        ("large_withdrawal: {share: .inf}", "share"),
        ("large_withdrawal: {urgency: loud}", "urgency"),
        ("large_withdrawal: {version: 0}", "version"),
        ("consecutive_overdraft: {days: 0}", "days"),
        ("near_dormancy: {years: 1.5}", "years"),
    ],
)
def test_a_mistake_is_refused_with_its_place(tmp_path: Path, line: str, named: str) -> None:
    with pytest.raises(WrongRules, match=named) as refused:
        read_rules(written(tmp_path, line))
    assert str(refused.value).startswith("rules.yaml: ")


@pytest.mark.parametrize("text", ["large_withdrawal: [", "5"])
def test_a_file_that_is_no_table_of_rules_is_refused_with_its_place(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(WrongRules, match=r"^rules\.yaml"):
        read_rules(written(tmp_path, text))


@pytest.mark.parametrize("name", catalogue())
def test_a_rules_thresholds_cannot_be_changed_while_it_runs(name: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(catalogue()[name](), "version", 2)  # noqa: B010 mypy knows that it is refused
