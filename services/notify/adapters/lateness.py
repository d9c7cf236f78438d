"""What waits in a lane whose first message its channel has not been able to take for long."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import rows
from services.notify.adapters import tables as t
from services.notify.domain.ledger import Claimed
from services.notify.domain.undo import STEP
from shared.contracts.alerts import Urgency

AT_ONCE, LANES = 100, 1000
IS_OPEN = text("intents.state IN ('pending', 'retry', 'sending')")


async def late(
    connection: AsyncConnection, urgency: Urgency, by: Sequence[str], before: datetime
) -> Sequence[Claimed]:
    """Return open intents behind (or at) a first one that was first tried before a moment.

    Left out are those for which another channel was decided already, and those that their budget
    keeps back.
    """
    i, d = t.intents.c, t.decisions.c
    first = select(i.broker, i.account, i.channel).where(t.TRIED, i.first_at <= before)
    blocked = (await connection.execute(first.distinct().limit(LANES))).all()
    if not blocked:
        return ()
    same = (d.alert_id == i.alert_id, d.revision == i.revision, d.receiver == i.receiver)
    decided = exists().where(*same, d.channel.in_(by))
    which = and_(
        i.urgency == urgency.value,
        i.revision > 0,
        i.step > STEP,
        or_(i.held_at.is_(None), i.state != "pending"),
    )
    lanes = tuple_(i.broker, i.account, i.channel).in_(blocked)
    query = select(t.intents).where(IS_OPEN, which, i.channel.not_in(by), lanes, ~decided)
    found = await connection.execute(query.order_by(i.number).limit(AT_ONCE))
    return [rows.known(row) for row in found]
