"""报表文件 — a report as an Excel workbook, or as pages; numbers are numbers, no cell a formula."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import xlsxwriter

from services.profile.domain.report import Column, Figures, Unit
from shared.documents.cells import harmless
from shared.documents.pdf import Paper, as_pdf

PAGE_MM = 273  # between the margins of a landscape A4
NARROW_MM, WIDEST = 4, 24
MISSING = "—"
FORMATS = {Unit.YUAN: "#,##0.00", Unit.SHARE: "0.00%"}
MARKS = {Unit.SHARE: ""}  # the figure itself is shown with its sign
UPRIGHT = ("指标", "数值", "单位")


def xlsx(told: Figures) -> bytes:
    """Return a workbook of one sheet: title, headings that stay in view, rows, and the notes."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("报表")
        bold = book.add_format({"bold": True})
        head = book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1})
        formats = {u: book.add_format({"num_format": FORMATS.get(u, "#,##0")}) for u in Unit}
        sheet.write_string(0, 0, harmless(told.title), bold)
        sheet.write_string(1, 0, harmless(told.status))
        headings, *rows = _table(told)
        for n, (heading, _) in enumerate(headings):
            sheet.write_string(2, n, heading, head)
        for line, row in enumerate(rows, 3):
            for n, (cell, unit) in enumerate(row):
                _write(sheet, (line, n), cell, formats[unit])
        for n, width in enumerate(_widths(told)):
            sheet.set_column(n, n, width * 1.2)
        sheet.freeze_panes(3, 0)
        for line, note in enumerate(told.form.notes, len(rows) + 4):
            sheet.write_string(line, 0, harmless(note))
    return out.getvalue()


def pdf(told: Figures) -> bytes:
    """Return the pages."""
    headings, *rows = _table(told)
    lines = [[_shown(*cell) for cell in row] for row in (headings, *rows)]
    sizes = _widths(told)
    scale = (PAGE_MM - NARROW_MM * len(sizes)) / sum(sizes)
    widths = [NARROW_MM + size * min(scale, 2.5) for size in sizes]
    numbers = frozenset(n for n, (_, unit) in enumerate(rows[0]) if unit.counted) if rows else ()
    foot = f"观潮 Guanchao　{told.status}"
    paper = Paper(told.title, foot, widths, frozenset(numbers), (told.status, *told.form.notes))
    return as_pdf(paper, lines)


Cell = tuple[Any, Unit]


def _table(told: Figures) -> Sequence[Sequence[Cell]]:
    """Return the headings and the rows; an upright report has a line for each figure."""
    shown = told.form.columns
    if not told.form.upright:
        rows = [[(row[c.name], c.unit) for c in shown] for row in told.rows]
        return [[(c.heading, Unit.TEXT) for c in shown], *rows]
    return [[(title, Unit.TEXT) for title in UPRIGHT], *_upright(shown, told.rows)]


def _upright(shown: Sequence[Column], rows: Sequence[Any]) -> Iterator[Sequence[Cell]]:
    for row in rows:
        for c in shown:
            yield [
                (c.title, Unit.TEXT),
                (row[c.name], c.unit),
                (MARKS.get(c.unit, c.unit.value), Unit.TEXT),
            ]


def _write(sheet: Any, place: tuple[int, int], cell: Any, format_: Any) -> None:
    if cell is None:
        sheet.write_string(*place, MISSING)
    elif isinstance(cell, int | Decimal):
        sheet.write_number(*place, cell, format_)
    else:
        sheet.write_string(*place, harmless(str(cell)))


def _shown(cell: Any, unit: Unit) -> str:
    if cell is None:
        return MISSING
    if unit is Unit.YUAN:
        return f"{cell:,.2f}"
    if unit is Unit.SHARE:
        return f"{cell:.2%}"
    return f"{cell:,}" if unit.counted else str(cell)


def _widths(told: Figures) -> Sequence[int]:
    """Return each column's width in Latin letters: a Chinese one is two."""
    columns = zip(*_table(told), strict=True)
    return [min(WIDEST, max(_length(_shown(*cell)) for cell in column) + 1) for column in columns]


def _length(text: str) -> int:
    return sum(2 if letter > "\u2000" else 1 for letter in text)


class File(NamedTuple):
    """A way to write a report down."""

    media_type: str
    write: Callable[[Figures], bytes]


FILES: Mapping[str, File] = {
    "xlsx": File("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx),
    "pdf": File("application/pdf", pdf),
}
"""How a file's name ends → what it is."""
