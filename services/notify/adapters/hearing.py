"""听者 — who has heard of which alert: the inbox of each person, and what has changed in it.

A row that has changed has no place; ``Places`` gives it one. Only one worker does so at a time, so
places come in the order in which they can be seen: whoever reads behind a place misses nothing,
whichever replica is asked, whichever transaction took longer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import hearers
from services.notify.adapters.rows import Values
from services.notify.domain.decision import Settled
from services.notify.domain.inbox import openness
from services.notify.domain.ledger import Intent
from shared.contracts.alerts import AlertEvent

ONE_AT_A_TIME = 0x706C6163
AT_ONCE = 1000

HEARD = insert(hearers)
HEARD = HEARD.on_conflict_do_update(index_elements=["alert_id", "staff_id"], set_={"changed": None})
OPENED = update(t.alerts).where(t.alerts.c.alert_id == bindparam("which"))
OPENED = OPENED.values(open=bindparam("is_open"))
PLACED = text(
    "WITH waiting AS (SELECT alert_id, staff_id FROM hearers WHERE changed IS NULL"
    " ORDER BY number LIMIT :most FOR UPDATE SKIP LOCKED)"
    " UPDATE hearers h SET changed = nextval('places') FROM waiting w"
    " WHERE h.alert_id = w.alert_id AND h.staff_id = w.staff_id"
)


def facets(event: AlertEvent) -> Values:
    """Return what alerts are looked for by."""
    alert = event.data
    return {"rule": alert.rule, "urgency": alert.urgency.value, "trading_day": alert.trading_day}


def heard(intents: Sequence[Intent]) -> list[Values]:
    """Return a row for each person that is told; a team has no inbox."""
    told = {
        (intent.event.data.alert_id, intent.send.receiver.staff_id)
        for intent in intents
        if intent.send.step and not intent.send.receiver.is_team
    }
    return [{"alert_id": alert, "staff_id": who} for alert, who in sorted(told)]


def opened(settled: Settled) -> list[Values]:
    """Return whether an alert is to be answered from now on, where this changes."""
    now = openness(settled)
    return [] if now is None else [{"which": settled.event.data.alert_id, "is_open": now}]


def told_before(intended: Iterable[Values], opened: Iterable[Values]) -> set[UUID]:
    """Return the alerts of a transaction that somebody may have heard of before it."""
    again = {i["alert_id"] for i in intended if i["revision"] > 1 or i["step"] > 1}
    return again | {row["which"] for row in opened}


async def touch(connection: AsyncConnection, alerts: Iterable[UUID]) -> None:
    """Have everybody who has heard of the alerts see that they have changed."""
    which = sorted(alerts)
    if which:
        theirs = (hearers.c.alert_id.in_(which), hearers.c.changed.is_not(None))
        await connection.execute(update(hearers).where(*theirs).values(changed=None))


async def reopen(connection: AsyncConnection, alert_id: UUID, is_open: bool) -> None:
    """Keep whether an alert is still to be answered, once somebody has said something."""
    await connection.execute(OPENED, {"which": alert_id, "is_open": is_open})
    await touch(connection, [alert_id])


@dataclass(frozen=True)
class Places:
    """Numbers what has changed, in the order in which it can be seen."""

    engine: AsyncEngine

    async def step(self) -> bool:
        """Give places; say whether there may be more to do."""
        async with self.engine.begin() as connection:
            if not await connection.scalar(select(func.pg_try_advisory_xact_lock(ONE_AT_A_TIME))):
                return False
            done: Any = await connection.execute(PLACED, {"most": AT_ONCE})
            return bool(done.rowcount == AT_ONCE)
