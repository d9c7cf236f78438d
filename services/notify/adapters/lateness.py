"""What waits in a lane whose first message its channel has not been able to take for long."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import rows
from services.notify.adapters import tables as t
from services.notify.domain.ledger import Claimed
from services.notify.domain.undo import STEP
from shared.contracts.alerts import Urgency

AT_ONCE = 100
FIRST_IS_TRIED = text("head.state = 'retry'")
IS_OPEN = text("intents.state IN ('pending', 'retry', 'sending')")


async def late(
    connection: AsyncConnection, urgency: Urgency, by: Sequence[str], before: datetime
) -> Sequence[Claimed]:
    """Return open intents behind (or at) a first one that was first tried before a moment.

    Left out are those for which another channel was decided already, and those that their budget
    keeps back.
    """
    i, d, head = t.intents.c, t.decisions.c, t.intents.alias("head")
    first = select(head.c.broker, head.c.account, head.c.channel).distinct()
    blocked = first.where(FIRST_IS_TRIED, head.c.first_at <= before).cte("blocked")
    blocked = blocked.prefix_with("MATERIALIZED")  # few: not looked for among all that is open
    lane = (blocked.c[name] == i[name] for name in ("broker", "account", "channel"))
    same = (d.alert_id == i.alert_id, d.revision == i.revision, d.receiver == i.receiver)
    decided = exists().where(*same, d.channel.in_(by))
    which = and_(
        i.urgency == urgency.value,
        i.revision > 0,
        i.step > STEP,
        or_(i.held_at.is_(None), i.state != "pending"),
    )
    query = select(t.intents).where(IS_OPEN, which, i.channel.not_in(by), *lane, ~decided)
    found = await connection.execute(query.order_by(i.number).limit(AT_ONCE))
    return [rows.known(row) for row in found]
