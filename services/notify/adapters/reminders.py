"""再提醒 as rows of the ledger: one an alert at most, gone when it is told or needless.

``until_at``: when the snooze is over; ``due_at``: when it is looked at, later while kept quiet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters.answer_tables import reminders


@dataclass(frozen=True)
class Reminders:
    """The part of a Book that has to do with reminders. See ``domain.ledger.Book``."""

    connection: AsyncConnection

    async def remind(self, alert_id: UUID, staff_id: str, due: datetime | None) -> None:
        """See Book."""
        if due is None:
            this = reminders.c.alert_id == alert_id
            await self.connection.execute(delete(reminders).where(this))
            return
        values = {"staff_id": staff_id, "until_at": due, "due_at": due}
        entry = insert(reminders).values(alert_id=alert_id, **values)
        await self.connection.execute(
            entry.on_conflict_do_update(index_elements=["alert_id"], set_=values)
        )

    async def postpone(self, alert_id: UUID, due: datetime) -> None:
        """See Book."""
        this = update(reminders).where(reminders.c.alert_id == alert_id)
        await self.connection.execute(this.values(due_at=due))

    async def reminded(self, alert_id: UUID, now: datetime) -> str | None:
        """See Book."""
        due = (reminders.c.alert_id == alert_id, reminders.c.due_at <= now)
        staff_id: str | None = await self.connection.scalar(
            select(reminders.c.staff_id).where(*due)
        )
        return staff_id


async def reminding(connection: AsyncConnection, now: datetime, limit: int) -> Sequence[UUID]:
    """Return alerts that somebody is to be reminded of, the longest overdue first."""
    query = select(reminders.c.alert_id).where(reminders.c.due_at <= now)
    return (await connection.scalars(query.order_by(reminders.c.due_at).limit(limit))).all()
