"""A workbook of each kind of directory file says what its CSV says; its bad rows have a line."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from services.ingest.adapters.excel import _text, parse
from services.ingest.domain.naming import recognise
from services.ingest.domain.rows import Reading
from services.ingest.domain.source import Context
from shared.kernel.trading_day import china

SHEETS: dict[str, list[list[Any]]] = {
    "relations": [
        ["account", "customer_id", "customer_name", "customer_type", "since", "等级"],
        [80012345, "c1", "张小明", "自然人", date(2019, 3, 1), "金"],
        [80012346, "c2", "", "自然人", None, None],
        ["80012347", "c3", "李四", "一般法人", "2020/1/5", "银"],
    ],
    "staff": [
        ["staff_id", "name", "role", "mobile", "left_on", "successor_id"],
        ["m001", "王大明", "manager", 13812345678, date(2026, 5, 29), "m002"],
        ["m002", "李四", "manager", 1381234567, None, None],
        ["m003", "赵六", "manager", "13912345678", "20260601", None],
    ],
    "baselines": [
        ["account", "opened_on", "last_trade_on", "risk_level"],
        [80012345, date(2019, 3, 1), date(2026, 5, 29), "C4"],
        [80012346, date(2019, 3, 1), date(2018, 1, 1), "C4"],
        ["80012347", "2019-03-01", None, None],
    ],
    "agreements": [
        ["account", "kind", "starts_on", "ends_on", "note"],
        [80012345, "交返", date(2025, 7, 1), date(2026, 6, 30), "季度"],
        [80012346, "交返", date(2025, 7, 1), date(2024, 6, 30), None],
        ["80012347", "利返", None, None, None],
    ],
}
WRONG = {
    "relations": "customer_name: 1 to 80 characters expected",
    "staff": "mobile: not a mobile number of 11 digits",
    "baselines": "last_trade_on: before opened_on",
    "agreements": "ends_on: before starts_on",
}


def workbook(folder: Path, kind: str) -> bytes:
    path = folder / f"{kind}.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(SHEETS[kind]):
            sheet.write_row(number, 0, cells)
    return path.read_bytes()


def as_csv(kind: str) -> bytes:
    rows = [["" if cell is None else str(cell) for cell in row] for row in SHEETS[kind]]
    return "\n".join(",".join(row) for row in rows).encode()


def read(name: str, data: bytes) -> Reading[Any]:
    return parse(recognise(name, china()), data, Context(china(), None))


@pytest.mark.parametrize("kind", SHEETS)
def test_a_workbook_says_what_its_csv_says(tmp_path: Path, kind: str) -> None:
    sheet = read(f"{kind}.xlsx", workbook(tmp_path, kind))
    text = read(f"{kind}.csv", as_csv(kind))
    assert [good.row for good in sheet.good] == [good.row for good in text.good]
    assert len(sheet.good) == 2


@pytest.mark.parametrize("kind", SHEETS)
def test_a_bad_row_of_a_workbook_has_its_line(tmp_path: Path, kind: str) -> None:
    reading = read(f"{kind}.xlsx", workbook(tmp_path, kind))
    assert [(bad.line, bad.reason) for bad in reading.bad] == [(3, WRONG[kind])]
    assert [good.line for good in reading.good] == [2, 4]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (300000.30000000005, "300000.3"),
        (0.00001, "0.00001"),
        (1234567.891, "1234567.891"),
        (80012345.0, "80012345"),
    ],
)
def test_a_computed_cell_is_the_number_that_a_person_sees(cell: float, text: str) -> None:
    assert _text(cell) == text
