"""回访的表 — batches, tasks with their reasons, records that are appended and never changed."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import text

from services.profile.adapters.clients import Row, Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import within
from services.profile.domain.visits import Task
from shared.web.organisation import RowScope

VISITS = UUID("6f0d2a35-6c1b-5f0e-9a86-2f1c8d5b7e41")
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('profile.visits:' || :broker))")
BATCH = "SELECT * FROM visit_batches WHERE broker = :broker AND batch = :batch"
KNOWN = """
SELECT t.customer_id, t.round, t.status = 'succeeded' AS done, array_agg(r.rule) AS rules
FROM visit_tasks t JOIN visit_reasons r USING (broker, visit)
WHERE t.broker = :broker AND t.year = :year GROUP BY t.broker, t.visit
"""
TASKS = text(
    "INSERT INTO visit_tasks (broker, visit, year, customer_id, round, due_on, status)"
    " VALUES (:broker, :visit, :year, :customer_id, :round, :due_on, 'open')"
    " ON CONFLICT (broker, visit) DO NOTHING"
)
REASONS = text(
    "INSERT INTO visit_reasons (broker, visit, rule, batch) VALUES (:broker, :visit, :rule, :batch)"
)
NEW_BATCH = text(
    "INSERT INTO visit_batches (broker, batch, year, trading_day, seed, rules, clients, tallies,"
    " selected, opened, joined, generated_by, generated_at) VALUES (:broker, :batch, :year,"
    " :trading_day, :seed, CAST(:rules AS jsonb), :clients, CAST(:tallies AS jsonb), :selected,"
    " :opened, :joined, :generated_by, :generated_at)"
)
ROWS = """
SELECT x.visit, x.year, x.due_on, x.status, x.customer_id, c.display_name,
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
"""A client's first account within reach stands for the client."""
FILTERS: Mapping[str, str] = {
    "year": "x.year = :year",
    "status": "x.status = :status",
    "client": "x.customer_id = :client",
    "visit": "x.visit = :visit",
    "rule": "EXISTS (SELECT FROM visit_reasons r WHERE r.broker = x.broker"
    " AND r.visit = x.visit AND r.rule = :rule)",
    "batch": "EXISTS (SELECT FROM visit_reasons r WHERE r.broker = x.broker"
    " AND r.visit = x.visit AND r.batch = :batch)",
    "overdue": "(x.status <> 'succeeded' AND x.due_on < :today) = :overdue",
}
OWNERS = {"branch": "r.branch_id = :branch", "manager": "r.manager_id = :manager"}
HISTORY = "SELECT * FROM visit_records WHERE broker = :broker AND visit = :visit ORDER BY place"
LOCKED = "SELECT visit FROM visit_tasks WHERE broker = :broker AND visit = :visit FOR UPDATE"
RECORD = text(
    "INSERT INTO visit_records (broker, record, visit, place, visited_at, method, result, reason,"
    " recorded_by, recorded_at) VALUES (:broker, :record, :visit, :place, :visited_at, :method,"
    " :result, :reason, :recorded_by, :recorded_at)"
)
TOLD = ("visited_at", "method", "result", "reason")
"""What a repeat of a record says again."""
STATUS = text("UPDATE visit_tasks SET status = :result WHERE broker = :broker AND visit = :visit")


class Wanted(NamedTuple):
    """What is asked by name, behind which place, how many; ``today``: the trading day that runs."""

    asked: Mapping[str, Any]
    today: date
    after: Mapping[str, Any] | None = None
    most: int = 1


async def batch(records: Records, name: str) -> Row | None:
    """Return a batch that was generated."""
    found = await records.rows(BATCH, batch=name)
    return found[0] if found else None


async def known(records: Records, year: int) -> Sequence[Task]:
    """Return the tasks of a year, under the lock of those who generate."""
    await records.connection.execute(LOCK, {"broker": records.broker})
    rows = await records.rows(KNOWN, year=year)
    return [
        Task(row["customer_id"], row["round"], frozenset(row["rules"]), row["done"]) for row in rows
    ]


async def land(records: Records, said: Mapping[str, Any], tasks: Sequence[Task]) -> None:
    """Write a batch, the tasks that are new, and every reason."""
    year = said["year"]
    jsons = {name: json.dumps(said[name], ensure_ascii=False) for name in ("rules", "tallies")}
    broker = {"broker": records.broker}
    await records.connection.execute(NEW_BATCH, {**broker, **said, **jsons})
    named = [
        (uuid5(VISITS, f"{records.broker}|{year}|{t.customer_id}|{t.round}"), t) for t in tasks
    ]
    if not named:
        return
    due = {**broker, "year": year, "due_on": date(year, 12, 31)}
    rows = [
        {**due, "visit": visit, "customer_id": task.customer_id, "round": task.round}
        for visit, task in named
    ]
    await records.connection.execute(TASKS, rows)
    reasons = [
        {**broker, "visit": visit, "rule": rule, "batch": said["batch"]}
        for visit, task in named
        for rule in sorted(task.rules)
    ]
    await records.connection.execute(REASONS, reasons)


async def listed(records: Records, scope: RowScope, wanted: Wanted) -> Rows:
    """Return the tasks of a page, those due first."""
    reached = within(scope)
    owners = [reached.sql, *(OWNERS[name] for name in wanted.asked if name in OWNERS)]
    conditions = ["true", *(FILTERS[name] for name in wanted.asked if name in FILTERS)]
    last: dict[str, Any] = {}
    if wanted.after is not None:
        conditions.append("(x.due_on, x.visit) > (:last_due_on, CAST(:last_visit AS uuid))")
        last = {f"last_{name}": value for name, value in wanted.after.items()}
    query = ROWS.format(reached=" AND ".join(owners), conditions=" AND ".join(conditions))
    values = {**reached.values, **wanted.asked, **last, "today": wanted.today}
    return await records.rows(query, **values, most=wanted.most)


async def history(records: Records, visit: UUID) -> Rows:
    """Return what was recorded of a task, the first first."""
    return await records.rows(HISTORY, visit=visit)


async def append(records: Records, visit: UUID, said: Mapping[str, Any]) -> bool:
    """Append a record unless it is there; its result is the status.

    Return False, and write nothing, for a record of that name which said something else.
    """
    await records.rows(LOCKED, visit=visit)
    before = await history(records, visit)
    for one in before:
        if one["record"] == said["record"]:
            return all(one[name] == said[name] for name in TOLD)
    values = {"broker": records.broker, "visit": visit, **said}
    await records.connection.execute(RECORD, {**values, "place": len(before) + 1})
    await records.connection.execute(STATUS, {k: values[k] for k in ("broker", "visit", "result")})
    return True
