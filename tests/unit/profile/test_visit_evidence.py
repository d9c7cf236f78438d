"""One visit's evidence: whose it is, then what was done in the order of time; no formula."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from services.profile.domain.visit_evidence import as_csv, digest, rows
from services.profile.visit_documents import evidence
from shared.kernel.trading_day import CHINA

AT = datetime(2026, 6, 1, 10, 0, tzinfo=CHINA)
TASK: dict[str, Any] = {
    "visit": "v1",
    "customer_id": "c1",
    "name": "张**",
    "account": "80000001",
    "branch_id": "b01",
    "manager_id": None,
    "year": 2026,
    "status": "other",
    "due_on": "2026-12-31",
    "assignee": "m3",
}
REASON = {
    "rule": "A003",
    "batch": "HF1",
    "trading_day": "2026-06-01",
    "seed": "2026",
    "version": "1",
    "generated_by": "r1",
    "generated_at": AT,
}
GIVEN = {"assignee": "m3", "reason": "=1+1", "assigned_by": "h1", "assigned_at": AT}
RECORD = {
    "place": 1,
    "visited_at": AT,
    "method": "app",
    "result": "other",
    "reason": "",
    "recorded_by": "app",
    "recorded_at": AT + timedelta(hours=1),
    "questionnaire": 1,
    "answers": {"promise": "yes"},
}


def test_the_rows_are_in_the_order_of_time_and_vouched_for() -> None:
    told = rows(TASK, [REASON], [{**GIVEN, "assigned_at": AT + timedelta(minutes=1)}], [RECORD])
    assert [row.fact for row in told] == ["任务", "选中", "指派", "记录"]
    assert "客户 c1 张**" in told[0].what
    assert told[1].what == "A003 老年交易者，截至 2026-06-01"
    assert told[3].what.endswith("掌厅，其他；问卷第 1 版：promise yes")
    content = as_csv(told)
    assert b",'=1+1,h1" in content
    assert digest(content) == sha256(content).hexdigest()
    assert evidence(told) == evidence(told), "the same content is the same bytes"
