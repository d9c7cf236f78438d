"""回访的表 — tasks with their reasons, records that are appended and never changed."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from services.profile.adapters.clients import Row, Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import OPEN, within
from shared.web.organisation import RowScope

ROWS = """
SELECT x.visit, x.year, x.due_on, x.status, x.assignee, x.customer_id, c.display_name,
       whose.account, whose.manager_id, whose.branch_id, x.status <> 'succeeded'
         AND x.due_on < :today AS overdue,
       (SELECT array_agg(r.rule ORDER BY r.rule) FROM visit_reasons r
        WHERE r.broker = x.broker AND r.visit = x.visit) AS reasons
FROM visit_tasks x JOIN clients c ON c.broker = x.broker AND c.customer_id = x.customer_id
CROSS JOIN LATERAL (
    SELECT r.account, r.manager_id, r.branch_id FROM relations r
    WHERE r.broker = x.broker AND r.customer_id = x.customer_id AND {reached}
    ORDER BY r.account LIMIT 1
) whose
WHERE x.broker = :broker AND {conditions} ORDER BY x.due_on, x.visit LIMIT :most
"""
"""A client's first account within reach stands for the client; who is given a task reaches it."""
MINE = f"x.assignee = :who AND {OPEN.format(of='r')}"
FILTERS: Mapping[str, str] = {
    "year": "x.year = :year",
    "status": "x.status = :status",
    "client": "x.customer_id = :client",
    "visit": "x.visit = :visit",
    "rule": "EXISTS (SELECT FROM visit_reasons r WHERE r.broker = x.broker"
    " AND r.visit = x.visit AND r.rule = :rule)",
    "batch": "EXISTS (SELECT FROM visit_reasons r WHERE r.broker = x.broker"
    " AND r.visit = x.visit AND r.batch = :batch)",
    "assignee": "x.assignee = :assignee",
    "assigned": "(x.assignee IS NOT NULL) = :assigned",
    "overdue": "(x.status <> 'succeeded' AND x.due_on < :today) = :overdue",
}
OWNERS = {"branch": "r.branch_id = :branch", "manager": "r.manager_id = :manager"}
HISTORY = "SELECT * FROM visit_records WHERE broker = :broker AND visit = :visit ORDER BY place"
LATEST = """
SELECT DISTINCT ON (visit) visit, visited_at, method, result, reason, recorded_by
FROM visit_records WHERE broker = :broker AND visit = ANY (CAST(:visits AS uuid[]))
ORDER BY visit, place DESC
"""
REASONS = """
SELECT r.rule, r.batch, b.trading_day, b.seed, b.rules ->> 'version' AS version, b.generated_by,
       b.generated_at
FROM visit_reasons r JOIN visit_batches b USING (broker, batch)
WHERE r.broker = :broker AND r.visit = :visit ORDER BY b.generated_at, r.rule
"""
LOCKED = "SELECT visit FROM visit_tasks WHERE broker = :broker AND visit = :visit FOR UPDATE"
RECORD = text(
    "INSERT INTO visit_records (broker, record, visit, place, visited_at, method, result, reason,"
    " recorded_by, recorded_at, questionnaire, answers) VALUES (:broker, :record, :visit, :place,"
    " :visited_at, :method, :result, :reason, :recorded_by, :recorded_at, :questionnaire,"
    " CAST(:answers AS jsonb))"
)
ANSWERED: Mapping[str, Any] = {"questionnaire": None, "answers": None}
"""What a record has that no questionnaire made."""
TOLD = ("visited_at", "method", "result", "reason", *ANSWERED)
"""What a repeat of a record says again."""
STATUS = text("UPDATE visit_tasks SET status = :result WHERE broker = :broker AND visit = :visit")


class Wanted(NamedTuple):
    """What is asked by name, behind which place, how many.

    ``today``: the trading day that runs; ``who``: the person who asks.
    """

    asked: Mapping[str, Any]
    today: date
    who: str
    after: Mapping[str, Any] | None = None
    most: int = 1


async def listed(records: Records, scope: RowScope, wanted: Wanted) -> Rows:
    """Return the tasks of a page, those due first."""
    reached = within(scope)
    owners = [
        f"({reached.sql} OR {MINE})",
        *(OWNERS[name] for name in wanted.asked if name in OWNERS),
    ]
    conditions = ["true", *(FILTERS[name] for name in wanted.asked if name in FILTERS)]
    last: dict[str, Any] = {}
    if wanted.after is not None:
        conditions.append("(x.due_on, x.visit) > (:last_due_on, CAST(:last_visit AS uuid))")
        last = {f"last_{name}": value for name, value in wanted.after.items()}
    query = ROWS.format(reached=" AND ".join(owners), conditions=" AND ".join(conditions))
    values = {**reached.values, **wanted.asked, **last, "today": wanted.today, "who": wanted.who}
    return await records.rows(query, **values, most=wanted.most)


async def history(records: Records, visit: UUID) -> Rows:
    """Return what was recorded of a task, the first first."""
    return await records.rows(HISTORY, visit=visit)


async def latest(records: Records, visits: Collection[UUID]) -> Mapping[UUID, Row]:
    """Return the last record of each task that has one."""
    rows = await records.rows(LATEST, visits=list(visits))
    return {row["visit"]: row for row in rows}


async def reasons(records: Records, visit: UUID) -> Rows:
    """Return why a task is there: each rule with the batch that named it."""
    return await records.rows(REASONS, visit=visit)


async def append(records: Records, visit: UUID, said: Mapping[str, Any]) -> bool:
    """Append a record unless it is there; its result is the status.

    Return False, and write nothing, for a record of that name which said something else.
    """
    said = {**ANSWERED, **said}
    await records.rows(LOCKED, visit=visit)
    before = await history(records, visit)
    for one in before:
        if one["record"] == said["record"]:
            return all(one[name] == said[name] for name in TOLD)
    values = {"broker": records.broker, "visit": visit, **said}
    answers = None if said["answers"] is None else json.dumps(said["answers"], ensure_ascii=False)
    written = {**values, "answers": answers, "place": len(before) + 1}
    await records.connection.execute(RECORD, written)
    await records.connection.execute(STATUS, {k: values[k] for k in ("broker", "visit", "result")})
    return True
