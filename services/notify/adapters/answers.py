"""答复 as rows of the ledger, and what an answer or a climb asks of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import rows
from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import acknowledgements
from services.notify.adapters.hearing import reopen
from services.notify.domain.answer import (
    KINDS,
    OVER,
    Answer,
    Answered,
    Contacted,
    FalseAlarm,
    HandedOver,
    Snoozed,
)
from services.notify.domain.decision import Settled
from services.notify.domain.undo import STEP
from shared.contracts.alerts import ALERTS, AlertEvent
from shared.contracts.event import Event
from shared.contracts.replies import Kind
from shared.streams.outbox import put

FIRST_WAYS = 2  # steps: the first way, and the risk desk when it failed


@dataclass(frozen=True)
class Answers:
    """The part of a Book that has to do with answers. See ``domain.ledger.Book``."""

    connection: AsyncConnection

    async def answer(self, answered: Answered) -> bool:
        """See Book."""
        entry = insert(acknowledgements).values(_row(answered))
        done = await self.connection.execute(
            entry.on_conflict_do_nothing(index_elements=["answer_id"])
        )
        if done.rowcount == 1:
            await reopen(self.connection, answered.alert_id, not isinstance(answered.answer, OVER))
        return done.rowcount == 1

    async def newest(self, alert_id: UUID) -> AlertEvent | None:
        """See Book."""
        r = t.revisions.c
        query = select(r.event).where(r.alert_id == alert_id)
        told_first = query.order_by((r.state == "told").desc(), r.revision.desc()).limit(1)
        raw = await self.connection.scalar(told_first)
        return None if raw is None else ALERTS.validate_json(raw)

    async def last_step(self, alert_id: UUID) -> int:
        """See Book."""
        query = select(func.max(t.intents.c.step)).where(t.intents.c.alert_id == alert_id)
        return max(await self.connection.scalar(query) or 0, FIRST_WAYS)

    async def lowest_step(self, alert_id: UUID) -> int:
        """See Book."""
        query = select(func.min(t.intents.c.step)).where(t.intents.c.alert_id == alert_id)
        return min(await self.connection.scalar(query) or STEP, STEP)

    async def note(self, settled: Settled, now: datetime) -> None:
        """See Book."""
        alert = settled.event.data
        of = {"alert_id": alert.alert_id, "revision": alert.revision, "decided_at": now}
        entries = [of | rows.decided(decision) for decision in settled.decisions]
        await self.connection.execute(insert(t.decisions), entries)
        if settled.sends:
            this = (
                t.revisions.c.alert_id == alert.alert_id,
                t.revisions.c.revision == alert.revision,
                t.revisions.c.state != rows.WAITING,
            )
            await self.connection.execute(update(t.revisions).where(*this).values(state="told"))

    async def tell(self, topic: str, *events: Event) -> None:
        """See Book."""
        await put(self.connection, topic, *events)


async def answers_to(connection: AsyncConnection, alert_id: UUID) -> Sequence[Answered]:
    """Return an alert's answers, oldest first."""
    a = acknowledgements
    query = select(a).where(a.c.alert_id == alert_id).order_by(a.c.number)
    return [answer_in(row) for row in await connection.execute(query)]


def answer_in(row: Row[Any]) -> Answered:
    """Read an answer's row, or one that holds its columns."""
    return Answered(
        row.answer_id,
        row.alert_id,
        row.revision,
        row.staff_id,
        _answer(row),
        row.via,
        row.answered_at,
    )


def _row(answered: Answered) -> dict[str, Any]:
    answer = answered.answer
    return {
        "answer_id": answered.answer_id,
        "alert_id": answered.alert_id,
        "revision": answered.revision,
        "staff_id": answered.by,
        "kind": KINDS[type(answer)].value,
        "until_at": answer.until if isinstance(answer, Snoozed) else None,
        "reason": answer.reason if isinstance(answer, Snoozed) else None,
        "heir": answer.to if isinstance(answer, HandedOver) else None,
        "via": answered.via,
        "answered_at": answered.at,
    }


def _answer(row: Row[Any]) -> Answer:
    match Kind(row.kind):
        case Kind.CONTACTED:
            return Contacted()
        case Kind.FALSE_ALARM:
            return FalseAlarm()
        case Kind.SNOOZED:
            return Snoozed(row.until_at, row.reason or "")
        case Kind.HANDED_OVER:
            return HandedOver(row.heir)
