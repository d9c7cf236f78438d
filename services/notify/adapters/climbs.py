"""升级 as rows of the ledger, and the people above an alert's owner."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import climbs
from services.notify.adapters.directory import People
from services.notify.domain.climb import Climb
from services.notify.domain.receiver import Directory
from services.notify.domain.superiors import HEAD
from services.notify.domain.view import Step
from shared.contracts.alerts import AlertEvent, Urgency

ABOVE = text(
    "WITH RECURSIVE up(staff_id) AS ("
    " SELECT unnest(CAST(:these AS text[])) UNION"
    " SELECT further.staff_id FROM up JOIN staff s ON s.broker = :broker"
    " AND s.staff_id = up.staff_id, unnest(ARRAY[s.successor_id, s.leader_id]) AS further(staff_id)"
    " WHERE further.staff_id IS NOT NULL)"
    " SELECT staff_id FROM up UNION"
    " SELECT h.staff_id FROM staff h JOIN staff s ON s.broker = h.broker"
    " AND s.branch_id = h.branch_id JOIN up ON up.staff_id = s.staff_id"
    " WHERE h.broker = :broker AND h.role = :head"
)


@dataclass(frozen=True)
class Climbs:
    """The part of a Book that has to do with climbing. See ``domain.ledger.Book``."""

    connection: AsyncConnection
    people: People

    async def climb(self, alert_id: UUID) -> Climb | None:
        """See Book."""
        query = select(climbs).where(climbs.c.alert_id == alert_id).with_for_update()
        row = (await self.connection.execute(query)).first()
        if row is None:
            return None
        return Climb(
            revision=row.revision,
            urgency=Urgency(row.urgency),
            owner=row.owner,
            since=row.since_at,
            carried=timedelta(seconds=row.carried_seconds),
            taken=row.taken,
            ended=row.ended,
        )

    async def keep_climb(self, alert_id: UUID, climb: Climb, due: datetime | None) -> None:
        """See Book."""
        values = _values(climb, due)
        entry = insert(climbs).values(alert_id=alert_id, **values)
        await self.connection.execute(
            entry.on_conflict_do_update(index_elements=["alert_id"], set_=values)
        )

    async def end_climb(self, alert_id: UUID, reason: str) -> None:
        """See Book."""
        here = climbs.c.alert_id == alert_id
        await self.connection.execute(update(climbs).where(here).values(ended=reason, due_at=None))

    async def above(self, event: AlertEvent, owner: str, on_call: Iterable[str]) -> Directory:
        """See Book."""
        broker, account = event.data.broker, event.data.account
        query = {"broker": broker, "these": [owner, *sorted(on_call)], "head": HEAD}
        found = await self.connection.scalars(ABOVE, query)
        return await self.people.around(self.connection, broker, account, found.all())

    async def heard_since(self, alert_id: UUID, revision: int) -> frozenset[str]:
        """See Book."""
        i = t.intents.c
        query = select(i.receiver).where(i.alert_id == alert_id, i.revision >= revision).distinct()
        return frozenset(await self.connection.scalars(query))


async def climbing(connection: AsyncConnection, now: datetime, limit: int) -> Sequence[UUID]:
    """Return alerts whose next step is due, the longest overdue first."""
    query = select(climbs.c.alert_id).where(climbs.c.due_at <= now)
    return (await connection.scalars(query.order_by(climbs.c.due_at).limit(limit))).all()


async def steps_of(connection: AsyncConnection, alert_id: UUID) -> Sequence[Step]:
    """Return what an alert's climb has come to, oldest first."""
    d = t.decisions.c
    climbed = or_(d.reason.startswith("escalated-"), d.reason.startswith("passed-over-"))
    query = select(d.reason, d.receiver, d.decided_at).where(d.alert_id == alert_id, climbed)
    rows = (await connection.execute(query.order_by(d.number))).all()
    found = [Step(row.reason, row.receiver, row.decided_at) for row in rows]
    return list(dict.fromkeys(found))  # one step tells one person by several channels


async def next_step(connection: AsyncConnection, alert_id: UUID) -> datetime | None:
    """Return when an alert climbs further."""
    query = select(climbs.c.due_at).where(climbs.c.alert_id == alert_id)
    found: datetime | None = await connection.scalar(query)
    return found


def _values(climb: Climb, due: datetime | None) -> dict[str, Any]:
    return {
        "revision": climb.revision,
        "urgency": climb.urgency.value,
        "owner": climb.owner,
        "since_at": climb.since,
        "carried_seconds": round(climb.carried.total_seconds()),
        "taken": climb.taken,
        "due_at": due,
        "ended": climb.ended,
    }
