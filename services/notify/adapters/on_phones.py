"""已送 — what stands on people's phones of an alert. Part of the Book."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables as t
from services.notify.domain.ledger import Claimed
from services.notify.domain.undo import ELSEWHERE, STEP, Shown
from shared.contracts.alerts import ALERTS, AlertAmended


@dataclass(frozen=True)
class OnPhones:
    """See ``domain.ledger.Book``."""

    connection: AsyncConnection

    async def shown(self, alert_id: UUID) -> Sequence[Shown]:
        """See Book."""
        i, r, d = t.intents.c, t.revisions.c, t.decisions.c
        here = (d.alert_id == i.alert_id, d.revision == i.revision, d.channel == i.channel)
        used = exists().where(*here, d.receiver == i.receiver, d.reason == ELSEWHERE)
        query = (
            select(t.intents, r.event, used.label("used"))
            .join(t.revisions, (r.alert_id == i.alert_id) & (r.revision == i.revision))
            .where(i.alert_id == alert_id, i.state == "sent", i.step > STEP)
            .order_by(i.number)
        )
        found = await self.connection.execute(query)
        return [_shown(row, "" if row.used else row.response_code or "") for row in found]

    async def outdated(self, accepted: Sequence[Claimed]) -> Sequence[Shown]:
        """See Book."""
        corrections = await self._corrections(accepted)
        if not corrections:
            return ()
        i, r = t.intents.c, t.revisions.c
        new, changed = t.intents.alias("new").c, t.intents.alias("changed").c
        same = ("alert_id", "channel", "receiver")
        query = (
            select(t.intents, r.event)
            .join(t.revisions, (r.alert_id == i.alert_id) & (r.revision == i.revision))
            .where(
                new.intent_id.in_(corrections),
                *(i[name] == new[name] for name in same),
                i.revision < new.revision,
                i.state == "sent",
                i.step > STEP,
                ~exists().where(
                    *(changed[name] == i[name] for name in (*same, "revision")),
                    changed.step <= STEP,
                ),
            )
            .order_by(i.number)
        )
        found = await self.connection.execute(query)
        return [_shown(row, row.response_code or "") for row in found]

    async def _corrections(self, accepted: Sequence[Claimed]) -> Sequence[UUID]:
        """Return those that correct: asked apart, or each update of a long alert would cost all."""
        further = [claimed for claimed in accepted if claimed.revision > 1]
        if not further:
            return ()
        r, which = t.revisions.c, [(claimed.alert_id, claimed.revision) for claimed in further]
        these = tuple_(r.alert_id, r.revision).in_(which)
        told = await self.connection.execute(select(t.revisions).where(these))
        events = {(row.alert_id, row.revision): ALERTS.validate_json(row.event) for row in told}
        return [
            claimed.intent_id
            for claimed in further
            if isinstance(events.get((claimed.alert_id, claimed.revision)), AlertAmended)
        ]


def _shown(row: Row[Any], response_code: str) -> Shown:
    return Shown(
        event=ALERTS.validate_json(row.event),
        channel=row.channel,
        receiver=row.receiver,
        message_id=row.message_id or "",
        response_code=response_code,
        at=row.ended_at,
    )
