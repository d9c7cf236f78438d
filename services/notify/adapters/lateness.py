"""What its channel has not been able to take for long, be it one lane's first or nobody's."""

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
ANSWERED = text("attempts.outcome IN ('sent', 'rejected')")
IS_OPEN = text("intents.state IN ('pending', 'retry', 'sending')")


async def late(
    connection: AsyncConnection, urgency: Urgency, by: Sequence[str], before: datetime
) -> Sequence[Claimed]:
    """Return open intents behind (or at) a first one that was first tried before a moment.

    And those never tried, decided before it for a channel that has answered nobody since: a broken
    one is asked little. Left out are those for which another channel was decided already, and those
    that their budget keeps back.
    """
    i, d, a = t.intents.c, t.decisions.c, t.attempts.c
    first = select(i.broker, i.account, i.channel).where(t.TRIED, i.first_at <= before)
    blocked = (await connection.execute(first.distinct().limit(LANES))).all()
    if not blocked:
        return ()
    same = (d.alert_id == i.alert_id, d.revision == i.revision, d.receiver == i.receiver)
    decided = exists().where(*same, d.channel.in_(by))
    answered = exists().where(a.channel == i.channel, a.started_at > before, ANSWERED)
    silent = select(i.channel).where(t.TRIED, i.first_at <= before, ~answered).distinct()
    decided_before = exists().where(*same, d.channel == i.channel, d.decided_at <= before)
    never_tried = and_(
        i.first_at.is_(None),
        i.channel.in_((await connection.scalars(silent)).all()),
        or_(i.not_before_at.is_(None), i.not_before_at <= before),
        decided_before,
    )
    which = and_(
        i.urgency == urgency.value,
        i.revision > 0,
        i.step > STEP,
        or_(i.held_at.is_(None), i.state != "pending"),
    )
    lanes = tuple_(i.broker, i.account, i.channel).in_(blocked)
    query = select(t.intents).where(
        IS_OPEN, which, i.channel.not_in(by), or_(lanes, never_tried), ~decided
    )
    found = await connection.execute(query.order_by(i.number).limit(AT_ONCE))
    return [rows.known(row) for row in found]
