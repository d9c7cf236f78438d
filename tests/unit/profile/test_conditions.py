"""Conditions: what is wrong is told with its place; the key groups and the page hold together."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from services.profile.commands.profile import app
from services.profile.domain.conditions import Asked
from services.profile.domain.segment_fields import FIELDS, KINDS
from services.profile.segment_book import key_groups

PAGE = Path(__file__).parents[3] / "docs" / "profile" / "segments.md"
EQUITY = {"field": "equity", "operator": ">=", "value": "500000"}


def nested(depth: int) -> dict[str, Any]:
    return EQUITY if depth == 1 else {"not": nested(depth - 1)}


@pytest.mark.parametrize(
    ("condition", "place", "said"),
    [
        ({}, "condition", "exactly one"),
        ({"and": []}, "condition.and", "at least 1"),
        ({"and": [EQUITY], "or": [EQUITY]}, "condition", "exactly one"),
        ({"and": [EQUITY, {"field": "wealth"}]}, "condition.and.1.field", "no such field"),
        ({"not": {**EQUITY, "operator": "like"}}, "condition.not", "operator"),
        ({**EQUITY, "value": "half"}, "condition", "元"),
        ({**EQUITY, "value": 1.5}, "condition", "元"),
        ({**EQUITY, "value": True}, "condition", "元"),
        ({**EQUITY, "value": "1e99"}, "condition", "元"),
        ({**EQUITY, "value": "0.0001"}, "condition", "元"),
        ({**EQUITY, "days": 5}, "condition", "takes no days"),
        ({"field": "traded_days", "operator": "=", "value": 0}, "condition", "needs days"),
        ({"field": "opened_on", "operator": "=", "value": "2026-02-30"}, "condition", "a day"),
        ({"field": "branch", "operator": "in", "value": []}, "condition", "a list"),
        ({"field": "branch", "operator": "=", "value": "b\u0000"}, "condition", "text"),
        ({"not": EQUITY, "value": 1}, "condition", "go with a field"),
        ({**EQUITY, "extra": 1}, "condition.extra", "not permitted"),
        (nested(9), "condition", "deep"),
        ({"or": [EQUITY] * 51}, "condition", "50"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    condition: dict[str, Any], place: str, said: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        Asked.model_validate_json(json.dumps({"condition": condition}))
    told = {".".join(map(str, one["loc"])): one["msg"] for one in wrong.value.errors()}
    assert said in told[place]


def test_the_key_groups_are_all_there_and_prospects_have_no_source() -> None:
    groups = key_groups()
    assert len(groups) == 7
    assert [code for code, group in groups.items() if group.condition is None] == ["prospects"]


def test_the_page_has_every_field() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, field in FIELDS.items():
        operators = " ".join(f"`{one}`" for one in KINDS[field.kind].operators)
        days = "N" if field.windowed else ""
        assert f"| `{name}` | {field.said} | {field.kind} | {operators} | {days} |" in page


def test_a_file_is_checked_and_its_faults_named(tmp_path: Path) -> None:
    file = tmp_path / "condition.json"
    file.write_text(json.dumps({"condition": {"and": [EQUITY, {"not": EQUITY}]}}))
    good = CliRunner().invoke(app, ["segments", "check", str(file)])
    assert (good.exit_code, good.output) == (0, "✓ 2 个测试 tests\n")
    file.write_text(json.dumps({"condition": {"and": [{**EQUITY, "value": "x"}]}}))
    bad = CliRunner().invoke(app, ["segments", "check", str(file)])
    assert bad.exit_code == 2
    assert "condition.and.0" in bad.stderr
    listed = CliRunner().invoke(app, ["segments", "list"]).output
    assert "开户未签约" in listed
    assert "no source tells yet" in listed
