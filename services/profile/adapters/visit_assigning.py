"""指派 — who is to make a visit; every change is kept."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.profile.adapters.clients import Row, Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import within
from shared.contracts.profiles import GivenVisits, visit_assigned
from shared.contracts.topics import PROFILE
from shared.streams.outbox import put
from shared.web.organisation import RowScope

LOCKED = """
SELECT x.visit, x.assignee, x.due_on FROM visit_tasks x
WHERE x.broker = :broker AND x.visit = ANY (CAST(:visits AS uuid[])) AND EXISTS (
    SELECT FROM relations r WHERE r.broker = x.broker AND r.customer_id = x.customer_id
    AND {reached})
ORDER BY x.visit FOR UPDATE
"""
PERSON = """
SELECT staff_id, role, branch_id, leader_id, successor_id, left_on FROM staff
WHERE broker = :broker AND staff_id = :staff_id
"""
KEEP = text(
    """
    INSERT INTO visit_assignments (broker, visit, place, assignee, reason, assigned_by, assigned_at)
    SELECT :broker, visit, 1 + (SELECT count(*) FROM visit_assignments a
                                WHERE a.broker = :broker AND a.visit = new.visit),
        :assignee, :reason, :assigned_by, :assigned_at
    FROM unnest(CAST(:visits AS uuid[])) AS new (visit)
    """
)
ASSIGN = text(
    "UPDATE visit_tasks SET assignee = :assignee"
    " WHERE broker = :broker AND visit = ANY (CAST(:visits AS uuid[]))"
)
HISTORY = """
SELECT * FROM visit_assignments WHERE broker = :broker AND visit = :visit ORDER BY place
"""


async def locked(records: Records, scope: RowScope, visits: Collection[UUID]) -> Rows:
    """Return those of the tasks that are within reach, held until the end of the transaction."""
    reached = within(scope)
    query = LOCKED.format(reached=reached.sql)
    return await records.rows(query, **reached.values, visits=list(visits))


async def person(records: Records, staff_id: str) -> Row | None:
    """Return one of the broker's people."""
    found = await records.rows(PERSON, staff_id=staff_id)
    return found[0] if found else None


async def assign(records: Records, visits: Collection[UUID], said: Mapping[str, Any]) -> None:
    """Give tasks to a person, or to nobody; ``said``: to whom, why, by whom, when."""
    values = {"broker": records.broker, "visits": list(visits), **said}
    await records.connection.execute(KEEP, values)
    names = ("broker", "visits", "assignee")
    await records.connection.execute(ASSIGN, {name: values[name] for name in names})


async def tell(records: Records, rows: Rows, said: Mapping[str, Any]) -> None:
    """Tell the person who was given these tasks, once of all of them; of nobody nobody is told."""
    if not rows or said["assignee"] is None:
        return
    given = GivenVisits(
        broker=records.broker,
        staff_id=said["assignee"],
        visits=len(rows),
        due_on=min(row["due_on"] for row in rows),
    )
    of = f"{said['assigned_at'].isoformat()}|{min(row['visit'] for row in rows)}"
    event = visit_assigned(given, of, said["assigned_at"])
    await put(records.connection, PROFILE.name, event)


async def history(records: Records, visit: UUID) -> Rows:
    """Return to whom a task was given, the first first."""
    return await records.rows(HISTORY, visit=visit)
