"""未送达 — what the ledger knows when a message was not delivered. Part of the Book."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import rows
from services.notify.adapters import tables as t
from services.notify.domain.decide import Tried
from services.notify.domain.ledger import Claimed
from services.notify.domain.undo import STEP
from shared.contracts.alerts import ALERTS, AlertEvent


@dataclass(frozen=True)
class Failures:
    """See ``domain.ledger.Book``."""

    connection: AsyncConnection

    async def lock(self, alert_id: UUID) -> None:
        """See Book."""
        row = select(t.alerts.c.alert_id).where(t.alerts.c.alert_id == alert_id)
        await self.connection.execute(row.with_for_update())

    async def concerned(self, claimed: Claimed) -> Sequence[Claimed]:
        """See Book."""
        merged = select(t.intents).where(t.intents.c.merged_into == claimed.intent_id)
        found = (await self.connection.execute(merged.order_by(t.intents.c.number))).all()
        members = [rows.member(row, claimed) for row in found] or [claimed]
        these = t.alerts.c.alert_id.in_({one.alert_id for one in members})
        locked = select(t.alerts.c.alert_id).where(these).order_by(t.alerts.c.alert_id)
        await self.connection.execute(locked.with_for_update())
        return members

    async def failed(self, claimed: Claimed) -> tuple[AlertEvent, Sequence[Tried]]:
        """See Book."""
        same = t.revisions.c.alert_id == claimed.alert_id
        this = t.revisions.c.revision == claimed.revision
        raw = await self.connection.scalar(select(t.revisions.c.event).where(same, this))
        i, into = t.intents.c, t.intents.alias("into")
        stands = func.coalesce(into.c.state, i.state).label("stands")  # merged: as its digest does
        query = (
            select(i.receiver, i.channel, i.step, stands)
            .join(into, into.c.intent_id == i.merged_into, isouter=True)
            .where(i.alert_id == claimed.alert_id, i.revision == claimed.revision, i.step > STEP)
        )
        tried = [
            Tried(r.receiver, r.channel, r.step, None if r.stands in t.OPEN_STATES else r.stands)
            for r in await self.connection.execute(query.order_by(i.number))
        ]
        return ALERTS.validate_json(raw or ""), tried
