"""回访汇总 — how many visits there are, done and overdue, by whose they are or why."""

from collections.abc import Mapping
from datetime import date

from services.profile.adapters.clients import Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import within
from services.profile.adapters.visits import MINE
from shared.web.organisation import RowScope

SUMS = """
WITH reached AS (
    SELECT x.visit, x.status, x.due_on, x.assignee, whose.manager_id, whose.branch_id
    FROM visit_tasks x CROSS JOIN LATERAL (
        SELECT r.manager_id, r.branch_id FROM relations r
        WHERE r.broker = x.broker AND r.customer_id = x.customer_id AND ({reached} OR {mine})
        ORDER BY r.account LIMIT 1
    ) whose
    WHERE x.broker = :broker AND x.year = :year
)
SELECT coalesce({unit}, '') AS unit, count(*) AS visits,
       count(*) FILTER (WHERE status = 'succeeded') AS succeeded,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'other') AS other,
       count(*) FILTER (WHERE status = 'open') AS open,
       count(*) FILTER (WHERE status <> 'succeeded' AND due_on < :today) AS overdue
FROM reached x {joined} GROUP BY 1 ORDER BY 1
"""
WHY = (
    "JOIN (SELECT DISTINCT visit, {column} FROM visit_reasons WHERE broker = :broker) w"
    " USING (visit)"
)
UNITS: Mapping[str, tuple[str, str]] = {
    "branch": ("branch_id", ""),
    "person": ("coalesce(assignee, manager_id)", ""),
    "batch": ("w.batch", WHY.format(column="batch")),
    "rule": ("w.rule", WHY.format(column="rule")),
}
"""By what → the column, and what is joined for it. A visit counts under each of its reasons."""


async def summed(
    records: Records, scope: RowScope, asked: tuple[int, str], who: tuple[str, date]
) -> Rows:
    """Return a row a unit of a year's visits within reach; ``who``: asks, on which day."""
    (year, by), (name, today) = asked, who
    column, joined = UNITS[by]
    reached = within(scope)
    query = SUMS.format(reached=reached.sql, mine=MINE, unit=column, joined=joined)
    return await records.rows(query, **reached.values, year=year, who=name, today=today)
