"""Who looks or changes something at the terminal is in the audit, in the same transaction."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.commands.places import operator
from shared.clock import WallClock
from shared.db.audit import PostgresTrail
from shared.kernel.audit import Entry


@dataclass(frozen=True)
class Look:
    """What is done to what; ``granted`` False: it was asked for and is not there."""

    action: str
    subject: str
    fields: tuple[str, ...] = ()
    granted: bool = True

    def entry(self) -> Entry:
        """Return what the audit says of it, now and by whoever is at the terminal."""
        now, trace_id = WallClock().now(), uuid4().hex
        outcome: Literal["granted", "refused"] = "granted" if self.granted else "refused"
        entry = Entry(now, operator(), (), self.action, self.subject, trace_id, self.fields)
        return replace(entry, outcome=outcome)


async def note(connection: AsyncConnection, look: Look) -> None:
    """Write a look down: to be called last, before anything is shown."""
    await PostgresTrail(connection).write(look.entry())
