"""A report's file, its period, its scope: without a database."""

import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.profile.adapters.reports import FORMS
from services.profile.domain.period import NoPeriod, Period
from services.profile.domain.report import Figures, Unit
from services.profile.report_files import pdf, xlsx
from services.profile.report_scope import rows_of
from shared.kernel.trading_day import china
from shared.web.organisation import RowScope
from shared.web.refusal import Refusal

DOCS = (Path(__file__).parents[3] / "docs" / "profile" / "reports.md").read_text("utf-8")
SAMPLES: dict[Unit, Any] = {
    Unit.YUAN: Decimal("1234567890.125"),
    Unit.SHARE: Decimal("-0.1234"),
    Unit.TEXT: "b01",
}


def figures(kind: str, *, lines: int = 1, unclosed: int = 0, **changed: Any) -> Figures:
    """Return a report with a figure of each unit, and what a test changes in it."""
    form = FORMS[kind]
    row = {c.name: SAMPLES.get(c.unit, 12345) for c in form.columns} | changed
    day = date(2026, 5, 29)
    return Figures(kind, form, "2026-05", "branch:b01", day, unclosed, [row] * lines)


def parts(book: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("evil", ["=1+1", "@SUM(A1)", "+1", "-1", "\t=1", "\r=1"])
def test_no_cell_of_a_workbook_is_a_formula(evil: str) -> None:
    told = parts(xlsx(figures("top-equity", name=evil, branch_id=evil)))
    assert "<f>" not in told["xl/worksheets/sheet1.xml"]
    texts = re.findall(r"<t[^>]*>(.*?)</t>", told["xl/sharedStrings.xml"], re.DOTALL)
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("kind", FORMS)
def test_every_report_can_be_written_down(kind: str) -> None:
    told = figures(kind, lines=3)
    sheet = parts(xlsx(told))["xl/worksheets/sheet1.xml"]
    assert 'state="frozen"' in sheet
    if any(c.unit is Unit.YUAN for c in told.form.columns):
        assert "<v>1234567890.125</v>" in sheet
    assert pdf(told) == pdf(told)


def test_what_nobody_says_is_a_dash_and_no_rows_are_no_failure() -> None:
    told = figures("overview", equity=None)
    assert "—" in parts(xlsx(told))["xl/sharedStrings.xml"]
    for kind in FORMS:
        assert pdf(figures(kind, lines=0)).startswith(b"%PDF")
        assert xlsx(figures(kind, lines=0)).startswith(b"PK")


def test_an_incomplete_report_says_so_in_its_title() -> None:
    assert "未完" in parts(xlsx(figures("overview", unclosed=3)))["xl/sharedStrings.xml"]


@pytest.mark.parametrize(
    ("text", "first", "last", "count", "before"),
    [
        ("2026-02", "2026-02-02", "2026-02-27", 14, "2026-01"),
        ("2026-10-08", "2026-10-08", "2026-10-08", 1, "2026-09-30"),
        ("2026-01", "2026-01-05", "2026-01-30", 20, "2025-12"),
        ("2026", "2026-01-05", "2026-12-31", 242, "2025"),
    ],
)
def test_a_period_is_its_trading_days(
    text: str, first: str, last: str, count: int, before: str
) -> None:
    period = Period.read(text, china())
    assert (f"{period.first}", f"{period.last}", len(period.days)) == (first, last, count)
    assert period.before(china()).text == before


@pytest.mark.parametrize("text", ["2026-10-01", "2026-13", "2026-02-30", "26", "1999", "0000", ""])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(NoPeriod):
        Period.read(text, china())


@pytest.mark.parametrize("scope", ["company", "branch:b02", "manager:m9", "branch:", "x:1"])
def test_a_scope_out_of_reach_is_refused(scope: str) -> None:
    reach = RowScope(branches=frozenset({"b01"}), branch_people=frozenset({"m1"}))
    with pytest.raises(Refusal):
        rows_of(scope, reach)
    assert ":unit" in rows_of("branch:b01", reach).sql
    assert "branches" in rows_of("manager:m1", reach).values


def test_every_figure_is_defined_in_the_docs() -> None:
    for kind, form in FORMS.items():
        assert f"`{kind}`" in DOCS
        for column in form.columns:
            assert f"`{column.name}`" in DOCS, (kind, column.name)
