"""Whose card was tapped: the intent's own receiver may answer, and nobody else."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters import tables as t
from shared.contracts.callbacks import CardClicked, Click
from shared.contracts.topics import CALLBACK
from shared.streams.outbox import put


async def keep(engine: AsyncEngine, event: CardClicked) -> None:
    """Put a tap into the outbox."""
    async with engine.begin() as connection:
        await put(connection, CALLBACK.name, event)


async def whose(engine: AsyncEngine, click: Click) -> Sequence[tuple[UUID, str]]:
    """Return the alerts of a card, each with the member of staff; none when it was not theirs."""
    i, s = t.intents.c, t.staff.c
    theirs = and_(s.broker == i.broker, s.staff_id == i.receiver)
    this = or_(i.intent_id == click.intent_id, i.merged_into == click.intent_id)
    query = (
        select(i.alert_id, i.receiver, func.min(i.number))
        .join(t.staff, theirs)
        .where(this, i.channel == "wecom_app", i.revision > 0)
        .where(func.lower(s.wecom_userid) == click.userid.lower())
        .group_by(i.alert_id, i.receiver)
        .order_by(func.min(i.number))
    )
    async with engine.connect() as connection:
        return [(row.alert_id, row.receiver) for row in await connection.execute(query)]
