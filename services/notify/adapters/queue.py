"""投递队列 — which intents may be sent now: rows, not sleeping tasks.

Per account and channel one at a time, in the order written (head of line); other accounts are not
held up. A claim is a lease on PostgreSQL's own clock: whoever claims again after it knows that the
attempt may have been made.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, Select, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.notify.adapters import tables as t
from services.notify.adapters.ledger import BODY
from services.notify.domain.budget import MINUTE, free_at
from services.notify.domain.ledger import Claimed
from services.notify.domain.policy import Policy
from shared.clock import Clock
from shared.contracts.alerts import Urgency
from shared.crypto import FieldCipher
from shared.observability.metrics import DECISIONS

CLAIM = 0x6E746679  # one worker claims at a time, so that budgets are counted exactly
# Constants, not parameters: only so does a prepared statement keep to the partial indexes.
MAY_BE_SENT = text("intents.state IN ('pending', 'retry')")
AHEAD_IS_OPEN = text("ahead.state IN ('pending', 'retry', 'sending')")
LANE_IS_BUSY = text("ahead.state = 'sending'")
IS_SENDING = text("intents.state = 'sending'")

Sent = dict[tuple[str, str, str], list[datetime]]


@dataclass(frozen=True)
class Queue:
    """Claims intents. ``lease``: how long an attempt may take at most."""

    engine: AsyncEngine
    clock: Clock
    cipher: FieldCipher
    policy: Policy
    lease: timedelta

    async def claim(self, limit: int) -> Sequence[Claimed]:
        """Take up to ``limit`` intents and open an attempt of each, all within their budgets."""
        now = self.clock.now()
        async with self.engine.begin() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(CLAIM)))
            heads = (await connection.execute(_heads(now, limit))).all()
            if not heads:
                return ()
            sent = await self._sent(connection, heads, now)
            free = [row for row in heads if await self._within_budget(connection, row, sent, now)]
            return await self._start(connection, free, now) if free else ()

    async def lost(self, limit: int) -> Sequence[Claimed]:
        """Take over attempts whose lease has run out: their worker died, or is cut off."""
        lease = uuid4()
        async with self.engine.begin() as connection:
            rows = await connection.execute(
                update(t.intents)
                .where(t.intents.c.intent_id.in_(_lost(limit)))
                .values(lease=lease, wall_lease_end=t.wall + self.lease)
                .returning(t.intents)
            )
            return [self._claimed(row) for row in rows]

    async def _sent(
        self, connection: AsyncConnection, heads: Sequence[Row[Any]], now: datetime
    ) -> Sent:
        channels = {row.channel for row in heads} & set(self.policy.budgets)
        if not channels:
            return {}
        a = t.attempts.c
        query = select(a.broker, a.channel, a.receiver, a.started_at).where(
            a.channel.in_(channels),
            a.receiver.in_({row.receiver for row in heads}),
            a.started_at > now - MINUTE,
        )
        sent: Sent = defaultdict(list)
        for row in await connection.execute(query):
            sent[row.broker, row.channel, row.receiver].append(row.started_at)
        return sent

    async def _within_budget(
        self, connection: AsyncConnection, row: Row[Any], sent: Sent, now: datetime
    ) -> bool:
        budget = self.policy.budgets.get(row.channel)
        if budget is None:
            return True
        earlier = sent[row.broker, row.channel, row.receiver]
        later = free_at(budget, Urgency(row.urgency), earlier, now)
        if later is None:
            earlier.append(now)
            return True
        this = t.intents.c.intent_id == row.intent_id
        wait = update(t.intents).where(this).values(not_before_at=later, reason="budget")
        await connection.execute(wait)
        DECISIONS.labels("defer", "budget").inc()
        return False

    async def _start(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]], now: datetime
    ) -> Sequence[Claimed]:
        started = await connection.execute(
            update(t.intents)
            .where(t.intents.c.intent_id.in_([row.intent_id for row in rows]))
            .values(
                state="sending",
                lease=uuid4(),
                wall_lease_end=t.wall + self.lease,
                attempts=t.intents.c.attempts + 1,
                first_at=func.coalesce(t.intents.c.first_at, now),
            )
            .returning(t.intents)
        )
        claimed = sorted(started.all(), key=lambda row: (row.rank, row.number))
        opened = [
            {
                "intent_id": row.intent_id,
                "number": row.attempts,
                "broker": row.broker,
                "channel": row.channel,
                "receiver": row.receiver,
                "started_at": now,
            }
            for row in claimed
        ]
        await connection.execute(insert(t.attempts), opened)
        return [self._claimed(row) for row in claimed]

    def _claimed(self, row: Row[Any]) -> Claimed:
        return Claimed(
            intent_id=row.intent_id,
            alert_id=row.alert_id,
            revision=row.revision,
            channel=row.channel,
            receiver=row.receiver,
            urgency=Urgency(row.urgency),
            body=self.cipher.open(row.sealed_body, BODY),
            attempts=row.attempts,
            unsure=row.unsure,
            first_at=row.first_at,
            lease=row.lease,
        )


def _heads(now: datetime, limit: int) -> Select[Any]:
    """Select the first open intent of each lane that may be sent now, urgent ones first."""
    i, ahead = t.intents.c, t.intents.alias("ahead")
    frozen = select(t.freezes.c.channel).where(t.freezes.c.until_at > now)
    someone_ahead = (
        select(ahead.c.intent_id)
        .where(
            ahead.c.broker == i.broker,
            ahead.c.account == i.account,
            ahead.c.channel == i.channel,
            AHEAD_IS_OPEN,
            or_(ahead.c.number < i.number, LANE_IS_BUSY),
        )
        .exists()
    )
    return (
        select(t.intents)
        .where(
            MAY_BE_SENT,
            _reached(i.not_before_at, now),
            or_(i.wall_retry.is_(None), i.wall_retry <= t.wall),
            i.channel.not_in(frozen),
            ~someone_ahead,
        )
        .order_by(i.rank, i.number)
        .limit(limit)
        .with_for_update(of=t.intents, skip_locked=True)
    )


def _lost(limit: int) -> Select[Any]:
    i = t.intents.c
    return (
        select(i.intent_id)
        .where(IS_SENDING, i.wall_lease_end < t.wall)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _reached(moment: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(moment.is_(None), moment <= now)
