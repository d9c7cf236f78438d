"""结论 — what became of attempts, as rows of the ledger. Part of the Book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import rows
from services.notify.adapters import tables as t
from services.notify.domain.ledger import Claimed
from services.notify.domain.retry import Again, Ended, Verdict, in_a_word

SENT = text(
    "WITH made AS (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:leases AS uuid[]),"
    " CAST(:numbers AS int[]), CAST(:messages AS text[]), CAST(:codes AS text[]))"
    " AS m(id, lease, number, message, code)),"
    " done AS (UPDATE intents SET state = 'sent', reason = 'ok', lease = NULL,"
    " wall_lease_end = NULL, message_id = made.message, response_code = made.code,"
    " ended_at = :now FROM made"
    " WHERE intent_id = made.id AND intents.lease = made.lease"
    " RETURNING intent_id, made.number,"
    " extract(epoch FROM clock_timestamp() - wall_read) AS seconds),"
    " kept AS (UPDATE attempts SET wall_ended = clock_timestamp(), outcome = 'sent', reason = 'ok'"
    " FROM done WHERE attempts.intent_id = done.intent_id AND attempts.number = done.number)"
    " SELECT intent_id, seconds FROM done"
)
"""The same as ``rows.concluded`` says of one that was sent, for many at once."""


@dataclass(frozen=True)
class Conclusions:
    """See ``domain.ledger.Book``."""

    connection: AsyncConnection

    async def conclude_sent(
        self, sent: Sequence[tuple[Claimed, Ended]], now: datetime
    ) -> Mapping[UUID, float]:
        """See Book."""
        told = {
            "ids": [claimed.intent_id for claimed, _ in sent],
            "leases": [claimed.lease for claimed, _ in sent],
            "numbers": [claimed.attempts for claimed, _ in sent],
            "messages": [verdict.message_id for _, verdict in sent],
            "codes": [verdict.response_code or None for _, verdict in sent],
            "now": now,
        }
        found = await self.connection.execute(SENT, told)
        return {row.intent_id: float(row.seconds) for row in found}

    async def conclude(self, claimed: Claimed, verdict: Verdict, now: datetime) -> float | None:
        """See Book."""
        done = (
            update(t.intents)
            .where(t.intents.c.intent_id == claimed.intent_id, t.intents.c.lease == claimed.lease)
            .values(rows.concluded(verdict, now))
            .returning(
                t.intents.c.intent_id,
                func.extract("epoch", t.wall - t.intents.c.wall_read).label("seconds"),
            )
            .cte("done")
        )
        made = (
            update(t.attempts)
            .where(t.attempts.c.intent_id == done.c.intent_id)
            .where(t.attempts.c.number == claimed.attempts)
            .values(wall_ended=t.wall, outcome=in_a_word(verdict), reason=verdict.reason)
            .cte("made")
        )
        seconds = await self.connection.scalar(select(done.c.seconds).add_cte(made))
        if seconds is None:
            return None
        if isinstance(verdict, Again) and verdict.freeze is not None:
            await self._freeze(claimed.channel, now + verdict.freeze)
        return float(seconds)

    async def _freeze(self, channel: str, until: datetime) -> None:
        entry = insert(t.freezes).values(channel=channel, until_at=until)
        later = func.greatest(t.freezes.c.until_at, entry.excluded.until_at)
        await self.connection.execute(
            entry.on_conflict_do_update(index_elements=["channel"], set_={"until_at": later})
        )
