"""账本 in PostgreSQL: inbox, alerts, decisions, intents, attempts. One Book is one transaction."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Executable, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters import hearing, rows
from services.notify.adapters import tables as t
from services.notify.adapters.answers import Answers
from services.notify.adapters.climbs import Climbs, climbing
from services.notify.adapters.conclusions import Conclusions
from services.notify.adapters.directory import People
from services.notify.adapters.failures import Failures
from services.notify.adapters.muting import Mutings
from services.notify.adapters.on_phones import OnPhones
from services.notify.adapters.reminders import Reminders, reminding
from services.notify.domain.decision import Settled, Suppress
from services.notify.domain.ledger import Book, Held, Intent
from services.notify.domain.receiver import Directory
from shared.contracts.alerts import ALERTS, AlertEvent
from shared.crypto import FieldCipher

BODY = "intent.body"
DECIDED = insert(t.decisions)
REVISED = insert(t.revisions)
REVISED = REVISED.on_conflict_do_update(
    index_elements=["alert_id", "revision"], set_={"state": REVISED.excluded.state}
)
INTENDED = insert(t.intents).on_conflict_do_nothing()
HELD = update(t.alerts).where(t.alerts.c.alert_id == bindparam("which"))
HELD = HELD.values(
    {name: bindparam(name) for name in ("revision", "standing", "since_at", "due_at", "reason")}
)


@dataclass(frozen=True)
class PostgresLedger:
    """The ledger; bodies are sealed, since they hold names and numbers."""

    engine: AsyncEngine
    people: People
    cipher: FieldCipher

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Book]:
        """Open a transaction."""
        async with self.engine.begin() as connection:
            book = PostgresBook(connection, self.people, self.cipher)
            yield book
            await book.write()

    async def due(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Return alerts whose time has come, the longest waiting first."""
        query = select(t.alerts.c.alert_id).where(t.alerts.c.due_at <= now)
        async with self.engine.connect() as connection:
            found = await connection.scalars(query.order_by(t.alerts.c.due_at).limit(limit))
            return found.all()

    async def climbing(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Return alerts whose next step is due, the longest overdue first."""
        async with self.engine.connect() as connection:
            return await climbing(connection, now, limit)

    async def reminding(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Return alerts that somebody is to be reminded of, the longest overdue first."""
        async with self.engine.connect() as connection:
            return await reminding(connection, now, limit)


@dataclass(frozen=True)
class PostgresBook(Conclusions, OnPhones, Failures, Mutings, Reminders, Climbs, Answers):
    """See ``domain.ledger.Book``."""

    people: People
    cipher: FieldCipher
    held_back: dict[Executable, list[rows.Values]] = field(
        default_factory=lambda: defaultdict(list), init=False
    )

    async def enter(self, heard: Sequence[tuple[AlertEvent, str]]) -> Mapping[str, Held]:
        """See Book. A conflict is an update, since that locks the row and returns it."""
        read = [{"event_id": event.id, "origin": origin} for event, origin in heard]
        noted = insert(t.inbox).values(read).on_conflict_do_nothing()
        new = set(await self.connection.scalars(noted.returning(t.inbox.c.event_id)))
        events = {event.data.alert_id: event for event, _ in heard if event.id in new}
        if not events:
            return {}
        entry = insert(t.alerts).values(
            [
                {"alert_id": which, "broker": e.data.broker, "account": e.data.account}
                | {"revision": 0, **hearing.facets(e)}
                for which, e in sorted(events.items())
            ]
        )
        locked = entry.on_conflict_do_update(
            index_elements=["alert_id"], set_={"urgency": entry.excluded.urgency}
        )
        found = await self.connection.execute(locked.returning(t.alerts))
        return {events[row.alert_id].id: rows.held(row) for row in found}

    async def take_due(self, alert_id: UUID, now: datetime) -> Held | None:
        """See Book."""
        lock = (
            select(t.alerts)
            .where(t.alerts.c.alert_id == alert_id, t.alerts.c.due_at <= now)
            .with_for_update(skip_locked=True)
        )
        row = (await self.connection.execute(lock)).first()
        return None if row is None else rows.held(row)

    async def ignore(self, event: AlertEvent, reason: str, now: datetime) -> None:
        """See Book."""
        of = {"alert_id": event.data.alert_id, "revision": event.data.revision, "decided_at": now}
        entry = of | rows.decided(Suppress(reason))
        await self.connection.execute(insert(t.decisions).values(entry))

    async def pending(self, alert_id: UUID) -> Sequence[AlertEvent]:
        """See Book."""
        query = (
            select(t.revisions.c.event)
            .where(t.revisions.c.alert_id == alert_id, t.revisions.c.state == rows.WAITING)
            .order_by(t.revisions.c.revision)
        )
        return [ALERTS.validate_json(raw) for raw in await self.connection.scalars(query)]

    async def heard(self, alert_id: UUID) -> frozenset[str]:
        """See Book."""
        query = select(t.intents.c.receiver).where(t.intents.c.alert_id == alert_id).distinct()
        return frozenset(await self.connection.scalars(query))

    async def around(self, broker: str, account: str, heard: Iterable[str]) -> Directory:
        """See Book."""
        return await self.people.around(self.connection, broker, account, heard)

    async def record(self, settled: Settled, now: datetime, quietly: bool) -> None:
        """See Book."""
        if quietly and settled.deferred is not None:
            return
        alert = settled.event.data
        of = {"alert_id": alert.alert_id, "revision": alert.revision}
        entries = [of | {"decided_at": now} | rows.decided(d) for d in settled.decisions]
        self.held_back[DECIDED] += entries
        event = settled.event.encode().decode()
        self.held_back[REVISED].append(of | {"event": event, "state": rows.state(settled)})
        self.held_back[hearing.OPENED] += hearing.opened(settled)

    async def intend(self, intents: Sequence[Intent]) -> None:
        """See Book."""
        if intents:
            values = [
                rows.intended(intent, self.cipher.seal(intent.body, BODY)) for intent in intents
            ]
            self.held_back[INTENDED] += values
            self.held_back[hearing.HEARD] += hearing.heard(intents)

    async def _hurry(self, later: rows.Values) -> None:
        """Rank an alert's earlier open intents as high as one that comes behind them.

        One that is locked is about to be sent, or is being concluded: it is ahead already.
        """
        i, rank = t.intents.c, later["rank"]
        earlier = (i.alert_id == later["alert_id"], i.revision < later["revision"])
        slower = select(i.intent_id).where(*earlier, t.OPEN, i.rank > rank)
        theirs = slower.with_for_update(skip_locked=True)
        await self.connection.execute(
            update(t.intents).where(i.intent_id.in_(theirs)).values(rank=rank, **rows.LET_GO)
        )

    async def hold(self, alert_id: UUID, held: Held, due: datetime | None) -> None:
        """See Book."""
        kept = {
            "which": alert_id,
            "revision": held.revision,
            "standing": held.standing,
            "since_at": held.since,
            "due_at": due,
            "reason": held.reason,
        }
        self.held_back[HELD].append(kept)

    async def write(self) -> None:
        """Write what was held back until the end, in one statement a table."""
        for statement, values in self.held_back.items():
            if values:
                await self.connection.execute(statement, values)
        for later in self.held_back[INTENDED]:
            if later["revision"] > 1:
                await self._hurry(later)
        again = hearing.told_before(self.held_back[INTENDED], self.held_back[hearing.OPENED])
        await hearing.touch(self.connection, again)
        self.held_back.clear()
