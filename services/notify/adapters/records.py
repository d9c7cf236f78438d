"""查阅 — the ledger's read side: an alert's page, the to-do list, the gauges, the version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.notify.adapters import tables as t
from services.notify.adapters.answers import answers_to
from services.notify.adapters.climbs import next_step, steps_of
from services.notify.adapters.directory import client_of
from services.notify.domain.view import Told, View
from shared.contracts.alerts import ALERTS, AlertEvent


@dataclass(frozen=True)
class Records:
    """What people and machines ask of the ledger."""

    engine: AsyncEngine

    async def view(self, alert_id: UUID, staff_id: str) -> View | None:
        """Return an alert as this person sees it; None when it is unknown."""
        async with self.engine.connect() as connection:
            revisions = await _revisions(connection, alert_id)
            if not revisions:
                return None
            alert = revisions[-1][0].data
            found = (await connection.execute(client_of(alert.broker, alert.account))).first()
            mine = select(t.todos.c.alert_id).where(
                t.todos.c.alert_id == alert_id, t.todos.c.staff_id == staff_id
            )
            return View(
                revisions=revisions,
                deliveries=await _deliveries(connection, alert_id),
                client=found.display_name if found else None,
                is_todo=await connection.scalar(mine) is not None,
                answers=await answers_to(connection, alert_id),
                steps=await steps_of(connection, alert_id),
                next_step=await next_step(connection, alert_id),
            )

    async def add_todo(self, alert_id: UUID, staff_id: str, now: datetime) -> bool:
        """Put an alert on somebody's to-do list, once; False when the alert is unknown."""
        async with self.engine.begin() as connection:
            known = select(t.alerts.c.alert_id).where(t.alerts.c.alert_id == alert_id)
            if await connection.scalar(known) is None:
                return False
            entry = insert(t.todos).values(alert_id=alert_id, staff_id=staff_id, added_at=now)
            await connection.execute(entry.on_conflict_do_nothing())
            return True

    async def counts(self) -> tuple[int, int]:
        """Return the waiting alerts and the open intents, of one moment."""
        waiting = select(func.count()).where(t.alerts.c.due_at.is_not(None)).scalar_subquery()
        still = select(func.count()).select_from(t.intents).where(t.OPEN).scalar_subquery()
        async with self.engine.connect() as connection:
            row = (await connection.execute(select(waiting, still))).one()
            return int(row[0]), int(row[1])

    async def version(self) -> str | None:
        """Return the schema's version; None when there is none yet."""
        async with self.engine.connect() as connection:
            try:
                found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
            except ProgrammingError:
                return None
            return None if found is None else str(found)


async def _revisions(
    connection: AsyncConnection, alert_id: UUID
) -> Sequence[tuple[AlertEvent, str]]:
    query = select(t.revisions.c.event, t.revisions.c.state)
    query = query.where(t.revisions.c.alert_id == alert_id).order_by(t.revisions.c.revision)
    return [(ALERTS.validate_json(row.event), row.state) for row in await connection.execute(query)]


async def _deliveries(connection: AsyncConnection, alert_id: UUID) -> Sequence[Told]:
    i = t.intents.c
    query = select(
        i.revision,
        i.channel,
        i.receiver,
        i.state,
        func.coalesce(i.ended_at, i.first_at).label("at"),
    )
    rows = await connection.execute(
        query.where(i.alert_id == alert_id, i.step > 0).order_by(i.number)
    )
    return [Told(row.revision, row.channel, row.receiver, row.state, row.at) for row in rows]
