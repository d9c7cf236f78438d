"""Whose card was tapped: the intent's own receiver may answer, and nobody else."""

from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters import tables as t
from services.notify.adapters.outbox import put
from shared.contracts.callbacks import CardClicked, Click
from shared.contracts.topics import CALLBACK


async def keep(engine: AsyncEngine, event: CardClicked) -> None:
    """Put a tap into the outbox."""
    async with engine.begin() as connection:
        await put(connection, CALLBACK.name, event)


async def whose(engine: AsyncEngine, click: Click) -> tuple[UUID, str] | None:
    """Return the alert and the member of staff; None when the card was not theirs."""
    i, s = t.intents.c, t.staff.c
    theirs = and_(s.broker == i.broker, s.staff_id == i.receiver)
    query = (
        select(i.alert_id, i.receiver)
        .join(t.staff, theirs)
        .where(i.intent_id == click.intent_id, i.channel == "wecom_app", i.revision > 0)
        .where(func.lower(s.wecom_userid) == click.userid.lower())
    )
    async with engine.connect() as connection:
        row = (await connection.execute(query)).first()
    return None if row is None else (row.alert_id, row.receiver)
