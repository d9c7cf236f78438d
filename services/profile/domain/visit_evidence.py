"""回访留痕 — everything that is known of one visit, as rows in the order of time. Pure.

The rows are the content: the CSV file is exactly them, and the PDF's footer names its SHA-256.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from shared.documents.cells import harmless
from shared.kernel.trading_day import CHINA

RULES: Mapping[str, str] = {
    "A001": "新开户",
    "A002": "大额亏损",
    "A003": "老年交易者",
    "A004": "依靠积蓄、社保",
    "A005": "无业",
    "A006": "高风险品种",
    "S001": "抽样",
    "L001": "名单",
}
METHODS: Mapping[str, str] = {
    "app": "掌厅",
    "sms": "短信",
    "outbound-call": "外呼",
    "phone": "电话",
    "in-person": "现场",
}
RESULTS: Mapping[str, str] = {
    "open": "未处理",
    "succeeded": "成功",
    "failed": "失败",
    "other": "其他",
}


class Row(NamedTuple):
    """One fact; ``at`` is China's time."""

    at: str
    fact: str
    what: str
    why: str
    by: str


HEADINGS = Row("时间", "事项", "内容", "原因", "谁")
Told = Sequence[Mapping[str, Any]]


def rows(task: Mapping[str, Any], reasons: Told, assignments: Told, records: Told) -> Sequence[Row]:
    """Return the rows: whose the visit is, then what was done, in the order of time."""
    told = [*_reasons(reasons), *_assignments(assignments), *_records(records)]
    return [_task(task), *sorted(told, key=lambda row: row.at)]


def as_csv(told: Sequence[Row]) -> bytes:
    """Return the file's bytes: UTF-8 with its mark, no cell of which is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([harmless(cell) for cell in row] for row in told)
    return out.getvalue().encode("utf-8-sig")


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, as ``sha256sum`` prints it."""
    return sha256(content).hexdigest()


def _task(task: Mapping[str, Any]) -> Row:
    """Return whose the visit is; the name as the one who asks sees it."""
    who = f"客户 {task['customer_id']} {task['name'] or ''}，资金账号 {task['account']}"
    whose = f"营业部 {task['branch_id'] or '—'}，客户经理 {task['manager_id'] or '—'}"
    state = f"{task['year']} 年度，{RESULTS.get(task['status'], task['status'])}"
    due = f"截止 {task['due_on']}，编号 {task['visit']}"
    return Row("", "任务", f"{who}，{whose}，{state}", due, task["assignee"] or "")


def _reasons(reasons: Told) -> Iterator[Row]:
    for one in reasons:
        version = f"，规则第 {one['version']} 版" if one["version"] else ""
        seed = f"，种子 {one['seed']}" if one["seed"] else ""
        what = f"{one['rule']} {RULES.get(one['rule'], '')}，截至 {one['trading_day']}"
        batch = f"批次 {one['batch']}{version}{seed}"
        yield Row(_at(one["generated_at"]), "选中", what, batch, one["generated_by"])


def _assignments(assignments: Told) -> Iterator[Row]:
    for one in assignments:
        what = f"给 {one['assignee']}" if one["assignee"] else "还给管这个客户的人"
        yield Row(_at(one["assigned_at"]), "指派", what, one["reason"], one["assigned_by"])


def _records(records: Told) -> Iterator[Row]:
    for one in records:
        method = METHODS.get(one["method"], one["method"])
        made = f"{_at(one['visited_at'])} {method}，{RESULTS.get(one['result'], one['result'])}"
        what = f"第 {one['place']} 条：{made}"
        answers = "，".join(f"{n} {said}" for n, said in (one["answers"] or {}).items())
        asked = f"；问卷第 {one['questionnaire']} 版：{answers}" if answers else ""
        yield Row(_at(one["recorded_at"]), "记录", what + asked, one["reason"], one["recorded_by"])


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
