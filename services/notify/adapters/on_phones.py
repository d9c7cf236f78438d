"""已送 — what stands on people's phones of an alert. Part of the Book."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables as t
from services.notify.domain.undo import ELSEWHERE, STEP, Shown
from shared.contracts.alerts import ALERTS


@dataclass(frozen=True)
class OnPhones:
    """See ``domain.ledger.Book``."""

    connection: AsyncConnection

    async def shown(self, alert_id: UUID) -> Sequence[Shown]:
        """See Book."""
        i, r, d = t.intents.c, t.revisions.c, t.decisions.c
        here = (d.alert_id == i.alert_id, d.revision == i.revision, d.channel == i.channel)
        used = exists().where(*here, d.receiver == i.receiver, d.reason == ELSEWHERE)
        query = (
            select(t.intents, r.event, used.label("used"))
            .join(t.revisions, (r.alert_id == i.alert_id) & (r.revision == i.revision))
            .where(i.alert_id == alert_id, i.state == "sent", i.step > STEP)
            .order_by(i.number)
        )
        return [
            Shown(
                event=ALERTS.validate_json(row.event),
                channel=row.channel,
                receiver=row.receiver,
                message_id=row.message_id or "",
                response_code="" if row.used else row.response_code or "",
                at=row.ended_at,
            )
            for row in await self.connection.execute(query)
        ]
