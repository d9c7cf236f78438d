"""静音 and what was told before, as rows of the ledger. Part of the Book, and the command's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import climbs, reminders
from services.notify.adapters.directory import client_of
from services.notify.adapters.muting_tables import silences, tellings
from services.notify.domain.decide import DAWN
from services.notify.domain.muting import Before, Muting, Silence
from shared.contracts.alerts import Alert, AlertEvent, AlertWithdrawn, Urgency


@dataclass(frozen=True)
class Mutings:
    """See ``domain.ledger.Book``."""

    connection: AsyncConnection
    known: dict[str, tuple[Silence, ...]] = field(default_factory=dict, init=False)

    async def muting(self, alert: Alert, now: datetime, before: bool) -> Muting:
        """See Book. A transaction reads a broker's silences once."""
        if alert.broker not in self.known:
            self.known[alert.broker] = tuple(await in_force(self.connection, alert.broker, now))
        told = await self._told(alert) if before else ()
        return Muting(self.known[alert.broker], tuple(told))

    async def _told(self, alert: Alert) -> Sequence[Before]:
        b = tellings.c
        query = select(tellings).where(b.broker == alert.broker, b.account == alert.account)
        return [
            Before(row.rule, Urgency(row.urgency), row.trading_day, row.told_at)
            for row in await self.connection.execute(query)
        ]

    async def silences(self, alert: Alert, since: datetime) -> Sequence[Silence]:
        """See Book."""
        s = silences.c
        found = select(silences).where(s.broker == alert.broker, s.until_at > since)
        made = [_silence(row) for row in await self.connection.execute(found.order_by(s.number))]
        if not made:
            return ()
        client = (await self.connection.execute(client_of(alert.broker, alert.account))).first()
        manager = client.manager_id if client else None
        return [silence for silence in made if silence.fits(alert, manager)]

    async def remember(self, event: AlertEvent, now: datetime) -> None:
        """See Book."""
        alert = event.data
        key = {"broker": alert.broker, "account": alert.account, "rule": alert.rule}
        if isinstance(event, AlertWithdrawn):
            these = (tellings.c[name] == value for name, value in key.items())
            await self.connection.execute(delete(tellings).where(*these))
            return
        told = {"urgency": alert.urgency.value, "trading_day": alert.trading_day, "told_at": now}
        entry = insert(tellings).values(key | told)
        await self.connection.execute(
            entry.on_conflict_do_update(index_elements=list(key), set_=told)
        )


async def in_force(connection: AsyncConnection, broker: str, now: datetime) -> Sequence[Silence]:
    """Return a broker's silences that hold now or later, the oldest first."""
    query = select(silences).where(silences.c.broker == broker, silences.c.until_at > now)
    rows = await connection.execute(query.order_by(silences.c.number))
    return [_silence(row) for row in rows]


async def add(connection: AsyncConnection, silence: Silence) -> int:
    """Write a silence (its own number is not looked at); return its number."""
    values = {
        "broker": silence.broker,
        "account": silence.account,
        "rule": silence.rule,
        "manager": silence.manager,
        "begin_at": silence.begin,
        "until_at": silence.until,
        "reason": silence.reason,
        "author": silence.author,
    }
    made = insert(silences).values(values).returning(silences.c.number)
    return int((await connection.execute(made)).scalar_one())


async def end(connection: AsyncConnection, number: int, author: str, now: datetime) -> bool:
    """End a silence now; False when there is none of this number that still holds.

    What it holds up is looked at again at once: when its next step is due has changed.
    """
    this = (silences.c.number == number, silences.c.until_at > now)
    ended = update(silences).where(*this).values(until_at=now, ended_by=author)
    broker = await connection.scalar(ended.returning(silences.c.broker))
    if broker is None:
        return False
    theirs = select(t.alerts.c.alert_id).where(t.alerts.c.broker == broker)
    climb = (climbs.c.due_at > now, climbs.c.alert_id.in_(theirs))
    await connection.execute(update(climbs).where(*climb).values(due_at=DAWN))
    kept = (reminders.c.due_at > reminders.c.until_at, reminders.c.alert_id.in_(theirs))
    await connection.execute(update(reminders).where(*kept).values(due_at=reminders.c.until_at))
    return True


def _silence(row: Row[Any]) -> Silence:
    return Silence(
        number=row.number,
        broker=row.broker,
        begin=row.begin_at,
        until=row.until_at,
        reason=row.reason,
        author=row.author,
        account=row.account,
        rule=row.rule,
        manager=row.manager,
    )
