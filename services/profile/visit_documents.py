"""回访的文件 — work lists and sums as a workbook, one visit's evidence as pages."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter

from services.profile.adapters.clients import Row
from services.profile.domain import visit_evidence
from services.profile.domain.visit_evidence import METHODS, RESULTS
from shared.documents.cells import harmless
from shared.documents.pdf import Paper, as_pdf
from shared.kernel.trading_day import CHINA

VISITS: Mapping[str, str] = {
    "visit": "回访编号",
    "year": "年度",
    "due_on": "截止日",
    "customer_id": "客户号",
    "name": "姓名（打码）",
    "account": "资金账号",
    "branch_id": "营业部",
    "manager_id": "客户经理",
    "assignee": "指派给",
    "reasons": "理由",
    "status": "状态",
    "overdue": "逾期",
    "visited_at": "回访时间",
    "method": "方式",
    "reason": "原因",
    "recorded_by": "记录人",
}
"""A column of the work list → its heading; the last four are of the last record."""
SUMS: Mapping[str, str] = {
    "unit": "单位",
    "visits": "应回访",
    "succeeded": "成功",
    "failed": "失败",
    "other": "其他",
    "open": "未处理",
    "overdue": "逾期",
}
WORDS: Mapping[str, Mapping[Any, str]] = {
    "status": RESULTS,
    "method": METHODS,
    "overdue": {True: "是", False: "否"},
}
WIDTHS = (32, 16, 92, 96, 30)  # mm, on a landscape A4


def workbook(headings: Mapping[str, str], rows: Iterable[Row]) -> bytes:
    """Return a workbook of one sheet; a number is a number, no text is a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("回访")
        head = book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1})
        for n, heading in enumerate(headings.values()):
            sheet.write_string(0, n, heading, head)
        for line, row in enumerate(rows, 1):
            for n, name in enumerate(headings):
                _write(sheet, (line, n), _shown(name, row.get(name)))
        sheet.set_column(0, len(headings) - 1, 16)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def evidence(told: Sequence[visit_evidence.Row]) -> bytes:
    """Return one visit's pages; the footer vouches for the CSV file, which holds the same rows."""
    foot = f"内容（CSV 文件）SHA-256 {visit_evidence.digest(visit_evidence.as_csv(told))}"
    return as_pdf(Paper("投资者回访留痕", foot, WIDTHS), (visit_evidence.HEADINGS, *told))


def _shown(name: str, value: Any) -> Any:
    if name in WORDS:
        return WORDS[name].get(value, "")
    if name == "visited_at" and value is not None:
        return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return "、".join(value) if isinstance(value, list) else value


def _write(sheet: Any, place: tuple[int, int], cell: Any) -> None:
    if isinstance(cell, int) and not isinstance(cell, bool):
        sheet.write_number(*place, cell)
    elif cell is not None:
        sheet.write_string(*place, harmless(str(cell)))
