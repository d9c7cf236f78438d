"""Rows out of CSV and workbooks: what a person wrote, and a formula as a formula."""

import io
import zipfile
from datetime import datetime

import pytest
import xlsxwriter

from services.profile.adapters import visit_sheets
from services.profile.adapters.visit_sheets import Unreadable, csv_lines, xlsx_lines


def test_a_workbooks_cells_come_as_they_were_written_and_a_formula_as_one() -> None:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        sheet = book.add_worksheet("名单")
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, ["客户号", "回访时间"])
        sheet.write_number(2, 0, 80000001)
        sheet.write_datetime(2, 1, datetime(2026, 6, 1, 10, 30), moment)  # noqa: DTZ001 a cell has no zone
        sheet.write_formula(3, 0, "=A3+1", value=80000002)
        book.add_worksheet("别的").write_formula(0, 0, "=1")
    lines = {line.number: list(line.cells) for line in xlsx_lines(held.getvalue())}
    assert lines[1] == ["客户号", "回访时间"]
    assert lines[3] == ["80000001", "2026-06-01 10:30:00"]
    assert lines[4][0] == "=A3+1", "not what Excel last worked out"


def test_csv_is_read_in_both_encodings() -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        (head, row) = csv_lines('客户号,原因\nc1,"无人, 接听"\n'.encode(encoding))
        assert (list(head.cells), list(row.cells)) == (["客户号", "原因"], ["c1", "无人, 接听"])


def test_what_is_no_sheet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as packed:
        packed.writestr("x", "y" * 100)
    for read, data in (
        (xlsx_lines, b"PK\x03\x04"),
        (xlsx_lines, empty.getvalue()),
        (csv_lines, b"\xff\xff"),
        (csv_lines, b"a\n" * (visit_sheets.MOST_ROWS + 1)),
    ):
        with pytest.raises(Unreadable):
            read(data)
    monkeypatch.setattr(visit_sheets, "LARGEST_UNPACKED", 99)
    with pytest.raises(Unreadable, match="too large"):
        xlsx_lines(empty.getvalue())
