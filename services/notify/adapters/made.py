"""已发 — the ledger's attempts as budgets count them: to fill Valkey, or when it is away."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables as t
from services.notify.domain.budget import Attempt, Window, free_at, longest, subject
from services.notify.domain.digest import LANE
from services.notify.domain.ledger import attempt_name
from services.notify.domain.retry import UNMADE
from services.notify.domain.undo import STEP
from shared.contracts.alerts import FEED

MESSAGES = or_(t.intents.c.step > STEP, t.intents.c.revision == 0)
"""Not what only changes a message that was sent."""
Windows = Mapping[str, Sequence[Window]]


def template(account: str) -> str:
    """Return which 模板 an account's messages use: a client's, or a notice's."""
    return "notice" if account == FEED or account.startswith(LANE) else "alert"


async def made_since(
    connection: AsyncConnection, windows: Windows, since: datetime
) -> Sequence[Attempt]:
    """Return all attempts after a moment by channels that have a budget."""
    a = t.attempts.c
    return await _made(connection, a.channel.in_(windows.keys()), a.started_at > since)


async def within_ledger(
    connection: AsyncConnection, windows: Windows, asked: Sequence[Attempt], now: datetime
) -> Sequence[datetime | None]:
    """Return for each None (it may go) or when, counted without Valkey.

    What is counted for a whole channel is left out: only Valkey can count that fast enough.
    """
    if not asked:
        return ()
    a = t.attempts.c
    kept = longest(w for one in asked for w in windows[one.channel])
    receivers = {(one.broker, one.receiver) for one in asked}
    to_them = or_(*(and_(a.broker == b, a.receiver == r) for b, r in sorted(receivers)))
    sent: dict[str, list[datetime]] = defaultdict(list)
    for one in await _made(connection, to_them, a.started_at > now - kept):
        _count(sent, windows, one, one.at or now)
    answers: list[datetime | None] = []
    for wish in asked:
        own = [w for w in windows[wish.channel] if w.per != "channel"]
        times = (free_at(w, wish.urgency, sent[subject(w, wish)], now) for w in own)
        answers.append(max((at for at in times if at), default=None))
        if answers[-1] is None:
            _count(sent, windows, wish, now)
    return answers


def _count(sent: dict[str, list[datetime]], windows: Windows, one: Attempt, at: datetime) -> None:
    for key in {subject(window, one) for window in windows.get(one.channel, ())}:
        sent[key].append(at)


async def _made(connection: AsyncConnection, *which: ColumnElement[bool]) -> list[Attempt]:
    a = t.attempts.c
    query = (
        select(t.attempts, t.intents.c.account)
        .join(t.intents, t.intents.c.intent_id == a.intent_id)
        .where(*which, MESSAGES, or_(a.outcome.is_(None), a.outcome != UNMADE))
    )
    return [
        Attempt(
            name=attempt_name(row.intent_id, row.number),
            broker=row.broker,
            channel=row.channel,
            receiver=row.receiver,
            template=template(row.account),
            at=row.started_at,
        )
        for row in await connection.execute(query)
    ]
