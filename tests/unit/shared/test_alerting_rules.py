"""The alerting rules speak of metrics that exist and say what to do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from services.ingest.domain.reconciling import Kind
from shared.observability import metrics

ROOT = Path(__file__).parents[3]
FILE = ROOT / "deploy" / "prometheus" / "alerts.yaml"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
NAME = re.compile(r"\b(?:mot|ingest|notify|profile|trading)_[a-z0-9_]+\b")
PAGE = re.compile(r"docs/[\w/.-]+\.md")


def _known() -> set[str]:
    assert metrics.EVENTS_WATCHED  # importing it registers all of them
    return {
        sample
        for family in REGISTRY.collect()
        for sample in (family.name, f"{family.name}_total", *(s.name for s in family.samples))
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_a_rule_names_real_metrics_and_a_remedy(rule: dict[str, Any]) -> None:
    named = set(NAME.findall(rule["expr"]))
    assert named <= _known()
    assert named or rule["expr"].startswith("up{")
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert {"summary", "remedy"} == set(rule["annotations"])
    assert all((ROOT / page).exists() for page in PAGE.findall(rule["annotations"]["remedy"]))


def test_each_rule_has_a_name_of_its_own() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) > 10


def test_a_day_as_it_should_be_alerts_nobody() -> None:
    (expression,) = (rule["expr"] for rule in RULES if rule["alert"] == "IngestDayDiffers")
    (alerting,) = re.findall(r'kind=~"([^"]+)"', expression)
    healthy = {Kind.MATCHED, Kind.ONLY_FILE, Kind.BALANCE}
    assert set(alerting.split("|")) == set(Kind) - healthy


@pytest.mark.parametrize("gauge", ["profile_nightly_doubts", "profile_nightly_due"])
def test_a_night_that_is_late_or_lacks_figures_alerts(gauge: str) -> None:
    assert any(gauge in NAME.findall(rule["expr"]) for rule in RULES)
