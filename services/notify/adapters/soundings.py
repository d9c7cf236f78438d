"""What the ledger knows of canaries, and when anything was last sent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import receipts
from services.notify.domain.canary import Arrived


async def last_sent(connection: AsyncConnection) -> datetime | None:
    """Return when the newest attempt began whose message a gateway has taken."""
    a = t.attempts.c
    query = select(a.started_at).where(a.outcome == "sent").order_by(a.started_at.desc())
    found: datetime | None = await connection.scalar(query.limit(1))
    return found


async def decided(
    connection: AsyncConnection, canaries: Mapping[UUID, date]
) -> Mapping[date, datetime]:
    """Return the day → when its canary was decided."""
    d = t.decisions.c
    query = select(d.alert_id, func.min(d.decided_at).label("at")).group_by(d.alert_id)
    rows = await connection.execute(query.where(d.alert_id.in_(canaries)))
    return {canaries[row.alert_id]: row.at for row in rows}


async def arrived(
    connection: AsyncConnection,
    canaries: Mapping[UUID, date],
    receiver: str,
    reporting: Collection[str],
) -> Sequence[Arrived]:
    """Return what a gateway took and, of the ``reporting`` channels, is on the phone."""
    i, r = t.intents.c, receipts.c
    query = (
        select(i.alert_id, i.channel, i.ended_at, r.arrived)
        .join(receipts, r.intent_id == i.intent_id, isouter=True)
        .where(i.alert_id.in_(canaries), i.receiver == receiver, i.state == "sent")
    )
    return [
        Arrived(canaries[row.alert_id], row.channel, row.ended_at)
        for row in await connection.execute(query)
        if row.arrived or (row.arrived is None and row.channel not in reporting)
    ]
