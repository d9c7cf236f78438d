"""投递队列 — which intents may be sent now: rows, not sleeping tasks.

Per account and channel one at a time, the urgent first, then in the order written (head of line);
other accounts are not held up. A claim is a lease on PostgreSQL's own clock: whoever claims again
after it knows that the attempt may have been made.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.notify.adapters import tables as t
from services.notify.adapters.budgets import Budgets, BudgetsDown
from services.notify.adapters.heads import heads, lost
from services.notify.adapters.ledger import BODY
from services.notify.adapters.made import made_since, template, within_ledger
from services.notify.domain.budget import Attempt, subjects
from services.notify.domain.ledger import Claimed, attempt_name
from services.notify.domain.undo import STEP
from shared.clock import Clock
from shared.contracts.alerts import Urgency
from shared.crypto import FieldCipher
from shared.observability.logging import logger
from shared.observability.metrics import BUDGETS_UNKNOWN, DECISIONS

CLAIM = 0x6E746679  # one worker claims at a time, so that a recount of budgets misses nothing
BEGIN_CLAIM = select(
    func.pg_advisory_xact_lock(CLAIM),
    # Along the index, in order, and no further than the limit: the planner cannot know how few of
    # the open intents are held up by another one, and would judge them all before it sorts.
    *(func.set_config(name, "off", True) for name in ("enable_sort", "enable_bitmapscan")),
)
Rows = Sequence[Row[Any]]
NO_BOUND: Mapping[str, int] = {}

log = logger()


@dataclass(frozen=True)
class Queue:
    """Claims intents. ``lease``: how long an attempt may take at most."""

    engine: AsyncEngine
    clock: Clock
    cipher: FieldCipher
    budgets: Budgets
    lease: timedelta

    async def claim(self, limit: int, room: Mapping[str, int] = NO_BOUND) -> Sequence[Claimed]:
        """Take up to ``limit`` intents and open an attempt of each, all within their budgets.

        ``room``: of these channels no more than so many.
        """
        now = self.clock.now()
        async with self.engine.begin() as connection:
            await connection.execute(BEGIN_CLAIM)
            full = [channel for channel, free in room.items() if free <= 0]
            found = _within(room, (await connection.execute(heads(now, limit, full))).all())
            if not found:
                return ()
            answers = await self._ask(connection, found, now)
            await self._defer(connection, {key: at for key, at in answers.items() if at}, now)
            free = [key for key, at in answers.items() if at is None]
            return await self._start(connection, free, now) if free else ()

    async def lost(self, limit: int) -> Sequence[Claimed]:
        """Take over attempts whose lease has run out: their worker died, or is cut off."""
        lease = uuid4()
        async with self.engine.begin() as connection:
            rows = await connection.execute(
                update(t.intents)
                .where(t.intents.c.intent_id.in_(lost(limit)))
                .values(lease=lease, wall_lease_end=t.wall + self.lease)
                .returning(t.intents)
            )
            return [self._claimed(row) for row in rows]

    async def _ask(
        self, connection: AsyncConnection, found: Rows, now: datetime
    ) -> Mapping[UUID, datetime | None]:
        """Return for each intent None (it may go) or when; who is left out simply waits."""
        windows = self.budgets.windows
        answers: dict[UUID, datetime | None] = dict.fromkeys(row.intent_id for row in found)
        asked = {
            row.intent_id: _wish(row) for row in found if row.channel in windows and _tells(row)
        }
        if not asked:
            return answers
        try:
            earlier = partial(made_since, connection, windows)
            granted = await self.budgets.grant(list(asked.values()), now, earlier)
        except BudgetsDown:
            BUDGETS_UNKNOWN.inc()
            for key in [k for k, wish in asked.items() if wish.urgency is not Urgency.HIGH]:
                del asked[key], answers[key]
            granted = await within_ledger(connection, windows, list(asked.values()), now)
        return answers | dict(zip(asked, granted, strict=True))

    async def _defer(
        self, connection: AsyncConnection, later: Mapping[UUID, datetime | None], now: datetime
    ) -> None:
        if later:
            this = t.intents.c.intent_id == bindparam("this")
            held = {
                "not_before_at": bindparam("until"),
                "held_at": func.coalesce(t.intents.c.held_at, now),
                "reason": "budget",
            }
            wait = update(t.intents).where(this).values(held)
            await connection.execute(wait, [{"this": k, "until": at} for k, at in later.items()])
            DECISIONS.labels("defer", "budget").inc(len(later))
            log.info("held back", reason="budget", count=len(later))

    async def _start(
        self, connection: AsyncConnection, free: Sequence[UUID], now: datetime
    ) -> Sequence[Claimed]:
        started = await connection.execute(
            update(t.intents)
            .where(t.intents.c.intent_id.in_(free))
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
        windows = self.budgets.windows.get(row.channel, ()) if _tells(row) else ()
        return Claimed(
            intent_id=row.intent_id,
            alert_id=row.alert_id,
            revision=row.revision,
            step=row.step,
            broker=row.broker,
            account=row.account,
            channel=row.channel,
            receiver=row.receiver,
            urgency=Urgency(row.urgency),
            body=self.cipher.open(row.sealed_body, BODY),
            attempts=row.attempts,
            unsure=row.unsure,
            first_at=row.first_at,
            lease=row.lease,
            counted=subjects(windows, _wish(row)),
        )


def _within(room: Mapping[str, int], found: Rows) -> Rows:
    """Return the rows, of each channel no more than there is room for, the first ones."""
    taken, kept = Counter[str](), []
    for row in found:
        taken[row.channel] += 1
        if taken[row.channel] <= room.get(row.channel, len(found)):
            kept.append(row)
    return kept


def _tells(row: Row[Any]) -> bool:
    """Say whether it is a message: no gateway counts what changes one that was sent."""
    return bool(row.step > STEP or row.revision == 0)


def _wish(row: Row[Any]) -> Attempt:
    return Attempt(
        name=attempt_name(row.intent_id, row.attempts + 1),
        broker=row.broker,
        channel=row.channel,
        receiver=row.receiver,
        template=template(row.account),
        urgency=Urgency(row.urgency),
    )
