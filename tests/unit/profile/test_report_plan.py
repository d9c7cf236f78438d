"""Which reports are planned, and who reaches a unit's: without a database."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.profile.adapters.reports import FORMS
from services.profile.commands.profile import app
from services.profile.report_file_views import in_words
from services.profile.report_plan import WrongPlan, read_plan
from services.profile.report_scope import reached_units, rows_of, whose
from shared.web.organisation import RowScope

LINE = "{kinds: [overview], of: [day], for: [company], formats: [xlsx], kept_days: 9}"


def test_the_shipped_plan_makes_every_report_and_one_of_each_span_for_everybody() -> None:
    plan = read_plan()
    assert {one.kind for one in (*plan.of("month"), *plan.of("year"))} == set(FORMS)
    for span in ("day", "month", "year"):
        levels = {one.level for one in plan.of(span) if one.kind == "overview"}
        assert levels == {"company", "branch", "manager"}, span


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (LINE.replace("overview", "profits"), "no such report: profits"),
        (f"{LINE}, {LINE}", "planned twice: overview day company"),
        (LINE.replace("xlsx", "csv"), "formats"),
        (LINE.replace("day", "week"), "of"),
        (LINE.replace("kept_days: 9", "kept_days: 0"), "kept_days"),
        (LINE.replace("kept_days", "kept"), "kept"),
        ("{", "while parsing"),
    ],
)
def test_a_plan_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, line: str, why: str
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(f"version: 1\nreports: [{line}]\n", encoding="utf-8")
    with pytest.raises(WrongPlan, match=why):
        read_plan(path)


def test_whose_reports_one_finds_is_whose_one_may_ask_for() -> None:
    reach = RowScope(
        managers=frozenset({"m9"}), branches=frozenset({"b01"}), branch_people=frozenset({"m1"})
    )
    units = reached_units(reach)
    assert units == ["branch:b01", "manager:m1", "manager:m9"]
    for unit in units:
        assert rows_of(unit, reach).sql
        assert reach.reaches(whose(unit))
    for unit in ("company", "branch:b02", "manager:m2"):
        assert not reach.reaches(whose(unit))
    assert reached_units(RowScope(everything=True)) is None


@pytest.mark.parametrize("setting", ["REPORT_PLAN", "PERMISSION_RULES"])
def test_the_command_refuses_a_wrong_file_in_a_line_before_any_store_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("version: 1\nreports: [{\n", encoding="utf-8")
    nowhere = "postgresql+asyncpg://nobody@127.0.0.1:1/none"
    for where, why in ((path, "line 3, column 1"), (tmp_path / "none.yaml", "No such file")):
        monkeypatch.setenv(f"PROFILE_{setting}", str(where))
        told = ["nightly", "--broker", "demo", "--postgres", nowhere]
        done = CliRunner().invoke(app, told)
        assert done.exit_code == 2, done.output
        (line,) = done.output.splitlines()
        assert why in line
        assert f"改好 PROFILE_{setting} 指的文件" in line


def test_the_audit_says_in_words_which_files_were_asked_for() -> None:
    assert in_words({"kind": "overview", "unit": None, "all": False}) == "kind=overview"
    assert in_words({"period": "2026-05", "all": True}) == "period=2026-05 superseded too"
    assert in_words({"all": False}) == "newest"
