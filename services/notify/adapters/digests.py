"""摘要 in the ledger: what a budget keeps back for long is merged into one intent a receiver."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.notify.adapters import tables as t
from services.notify.adapters.directory import People, client_of
from services.notify.adapters.ledger import BODY
from services.notify.adapters.rows import RANK
from services.notify.domain.channels import catalogue
from services.notify.domain.digest import Digest, Group, Item
from services.notify.domain.grouping import SAME_CLIENT
from services.notify.domain.receiver import Receiver
from services.notify.domain.retry import End
from shared.contracts.alerts import ALERTS, Urgency
from shared.crypto import FieldCipher
from shared.kernel.ids import short_code
from shared.observability.logging import logger
from shared.observability.metrics import DECISIONS

NOT_URGENT = t.intents.c.rank > RANK[Urgency.HIGH]
PENDING = text("intents.state = 'pending'")
NEVER_TRIED = (
    PENDING,
    t.intents.c.attempts == 0,
    t.intents.c.revision > 0,
    t.intents.c.step > 0,
)
WAITS = text(f"intents.state = 'pending' AND intents.reason = '{SAME_CLIENT}'")
UNDER_WAY = text("other.state IN ('sending', 'retry')")
GROUPS_AT_ONCE = 20
log = logger()

Compose = Callable[[Group, Sequence[Item], Receiver], Digest]


@dataclass(frozen=True)
class Digests:
    """Where digests are made and looked up."""

    engine: AsyncEngine
    people: People
    cipher: FieldCipher

    async def due(self, before: datetime) -> Sequence[Group]:
        """Return whose messages have been kept back since ``before`` or longer, the oldest first.

        All of them: one that is too small for a digest stays due, and must not hide the others.
        """
        i = t.intents.c
        long_ago = (t.HELD, i.held_at <= before, NOT_URGENT, *NEVER_TRIED)
        group = (i.broker, i.channel, i.receiver)
        query = select(*group).where(*long_ago).group_by(*group).order_by(func.min(i.held_at))
        async with self.engine.connect() as connection:
            return [Group(*row) for row in await connection.execute(query)]

    async def waiting(self, now: datetime) -> Sequence[Group]:
        """Return of whom one client's messages have waited long enough for each other."""
        i = t.intents.c
        these = (t.GROUPED, i.not_before_at <= now)  # without the state: see migration 0017
        query = select(i.broker, i.channel, i.receiver, i.account).where(*these).distinct()
        async with self.engine.connect() as connection:
            rows = await connection.execute(query.limit(GROUPS_AT_ONCE))
            return [Group(*row) for row in rows]

    async def let_go(self, group: Group, now: datetime) -> None:
        """Let what has waited in vain for others of its client go by itself."""
        i = t.intents.c
        theirs = (i.broker == group.broker, i.account == group.account, i.channel == group.channel)
        these = (WAITS, *theirs, i.receiver == group.receiver, i.not_before_at <= now)
        async with self.engine.begin() as connection:
            await connection.execute(
                update(t.intents).where(*these).values(not_before_at=None, reason=None)
            )

    async def read(self, digest: UUID, staff_id: str) -> Sequence[Item]:
        """Return what a digest of this receiver names; nothing when there is no such digest."""
        i = t.intents.c
        query = _with_events().where(i.merged_into == digest, i.receiver == staff_id)
        async with self.engine.connect() as connection:
            return [_item(row) for row in await connection.execute(query.order_by(i.number))]

    async def merge(
        self, group: Group, size: tuple[int, int], now: datetime, compose: Compose
    ) -> int:
        """Write one digest of a group's untried messages; return how many it names.

        ``size``: the fewest and the most that one names.
        """
        async with self.engine.begin() as connection:
            rows = (await connection.execute(_members(group, size[1]))).all()
            if len(rows) < size[0]:
                return 0
            receiver = await self._receiver(connection, group, rows[0].account)
            if receiver is None or catalogue()[group.channel].lacks(receiver) is not None:
                return 0
            digest = compose(group, [_item(row) for row in rows], receiver)
            await self._write(connection, digest, rows, now)
        DECISIONS.labels("merge", digest.reason).inc(len(rows))
        named = {"digest": short_code(digest.intent_id), "count": len(rows)}
        log.info("merged", reason=digest.reason, **named)
        return len(rows)

    async def _receiver(
        self, connection: AsyncConnection, group: Group, account: str
    ) -> Receiver | None:
        around = await self.people.around(connection, group.broker, account, {group.receiver})
        return around.staff.get(group.receiver)

    async def _write(
        self, connection: AsyncConnection, digest: Digest, rows: Sequence[Row[Any]], now: datetime
    ) -> None:
        await connection.execute(insert(t.intents).values(self._row(digest, rows)))
        these = t.intents.c.intent_id.in_([row.intent_id for row in rows])
        merged = {"state": End.MERGED.value, "merged_into": digest.intent_id, "ended_at": now}
        await connection.execute(
            update(t.intents).where(these).values({**merged, "reason": digest.reason})
        )
        which = {"because_of": f"digest {short_code(digest.intent_id)}", "decided_at": now}
        decided = {"decision": "merge", "reason": digest.reason} | which
        to = {"channel": digest.group.channel, "receiver": digest.group.receiver}
        entries = [
            decided | to | {"alert_id": row.alert_id, "revision": row.revision, "step": row.step}
            for row in rows
        ]
        await connection.execute(insert(t.decisions), entries)

    def _row(self, digest: Digest, rows: Sequence[Row[Any]]) -> dict[str, Any]:
        first = min(rows, key=lambda row: row.rank)
        return {
            "intent_id": digest.intent_id,
            "alert_id": digest.intent_id,  # it is nobody's alert but its own
            "revision": 0,
            "step": 0,
            "channel": digest.group.channel,
            "receiver": digest.group.receiver,
            "broker": digest.group.broker,
            "account": digest.lane,
            "rank": first.rank,
            "urgency": first.urgency,
            "sealed_body": self.cipher.seal(digest.body, BODY),
            "sms_parts": digest.sms_parts,
        }


def _with_events() -> Select[Any]:
    i, r = t.intents.c, t.revisions.c
    client = client_of(i.broker, i.account).with_only_columns(t.customers.c.display_name)
    this = (r.alert_id == i.alert_id) & (r.revision == i.revision)
    return select(
        t.intents, r.event, client.correlate(t.intents).scalar_subquery().label("client")
    ).join(t.revisions, this)


def _members(group: Group, most: int) -> Select[Any]:
    """Select what may be merged: no account's message passes one of its own under way.

    One client's message stands in the account's own lane, where it passes nothing.
    """
    i, other = t.intents.c, t.intents.alias("other").c
    same_lane = (
        other.broker == i.broker,
        other.account == i.account,
        other.channel == i.channel,
        UNDER_WAY,
    )
    theirs = (i.broker == group.broker, i.channel == group.channel, i.receiver == group.receiver)
    of_one = (i.account == group.account,) if group.account else (~exists().where(*same_lane),)
    return (
        _with_events()
        .where(*theirs, *of_one, NOT_URGENT, *NEVER_TRIED)
        .order_by(i.number)
        .limit(most)
        .with_for_update(of=t.intents, skip_locked=True)
    )


def _item(row: Row[Any]) -> Item:
    return Item(row.intent_id, ALERTS.validate_json(row.event), row.client)
