"""批次落地 — the tasks of a year as they were, and what a batch adds to them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.profile.domain.visit_draw import Task
from shared.contracts.profiles import GivenVisits, VisitAssigned, visit_assigned
from shared.contracts.topics import PROFILE
from shared.streams.outbox import put

VISITS = UUID("6f0d2a35-6c1b-5f0e-9a86-2f1c8d5b7e41")
KNOWN = text(
    """
    SELECT t.customer_id, t.round, t.status = 'succeeded' AS done, array_agg(r.rule) AS rules
    FROM visit_tasks t JOIN visit_reasons r USING (broker, visit)
    WHERE t.broker = :broker AND t.year = :year GROUP BY t.broker, t.visit
    """
)
TASKS = text(
    """
    INSERT INTO visit_tasks (broker, visit, year, customer_id, round, due_on, status)
    SELECT :broker, visit, :year, customer_id, round, :due_on, 'open'
    FROM unnest(CAST(:visits AS uuid[]), CAST(:customers AS text[]), CAST(:rounds AS integer[]))
        AS new (visit, customer_id, round)
    ON CONFLICT (broker, visit) DO NOTHING
    RETURNING visit
    """
)
GIVEN = text(
    """
    SELECT whose.staff_id, count(*) AS visits, min(t.due_on) AS due_on, now() AS at
    FROM visit_tasks t CROSS JOIN LATERAL (
        SELECT r.manager_id AS staff_id FROM relations r
        WHERE r.broker = t.broker AND r.customer_id = t.customer_id AND r.manager_id IS NOT NULL
        ORDER BY r.account LIMIT 1
    ) whose
    WHERE t.broker = :broker AND t.visit = ANY (CAST(:opened AS uuid[]))
    GROUP BY whose.staff_id ORDER BY whose.staff_id
    """
)
"""Whose clients they are; a client of several has one visit, of the first account's manager."""
REASONS = text(
    """
    INSERT INTO visit_reasons (broker, visit, rule, batch)
    SELECT :broker, visit, rule, :batch
    FROM unnest(CAST(:visits AS uuid[]), CAST(:rules AS text[])) AS new (visit, rule)
    """
)


async def known(connection: AsyncConnection, broker: str, year: int) -> Sequence[Task]:
    """Return the tasks of a year."""
    rows = await connection.execute(KNOWN, {"broker": broker, "year": year})
    return [Task(row.customer_id, row.round, frozenset(row.rules), row.done) for row in rows]


async def land(
    connection: AsyncConnection, batch: Mapping[str, Any], tasks: Sequence[Task]
) -> None:
    """Write the tasks that are new, and every reason; ``batch`` is the row that asked for it.

    Each person to whose clients new tasks were opened is told once of all of them.
    """
    year, shared = batch["year"], {"broker": batch["broker"]}
    visits = [
        uuid5(VISITS, f"{batch['broker']}|{year}|{task.customer_id}|{task.round}") for task in tasks
    ]
    new = {
        "visits": visits,
        "customers": [task.customer_id for task in tasks],
        "rounds": [task.round for task in tasks],
    }
    due = {"year": year, "due_on": date(year, 12, 31)}
    opened = (await connection.execute(TASKS, {**shared, **due, **new})).scalars().all()
    reasons = [
        (visit, rule)
        for visit, task in zip(visits, tasks, strict=True)
        for rule in sorted(task.rules)
    ]
    said = {"visits": [one for one, _ in reasons], "rules": [rule for _, rule in reasons]}
    await connection.execute(REASONS, {**shared, **said, "batch": batch["batch"]})
    rows = await connection.execute(GIVEN, {**shared, "opened": opened})
    await put(connection, PROFILE.name, *(_told(batch, row) for row in rows))


def _told(batch: Mapping[str, Any], row: Row[Any]) -> VisitAssigned:
    given = GivenVisits(
        broker=batch["broker"],
        staff_id=row.staff_id,
        visits=row.visits,
        due_on=row.due_on,
        batch=batch["batch"],
    )
    return visit_assigned(given, batch["batch"], row.at)
