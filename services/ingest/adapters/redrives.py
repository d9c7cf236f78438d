"""重投簿 — what was redriven stands in the audit, which is appended to and never changed."""

import contextlib
from collections.abc import AsyncIterator

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.adapters.books import books_in
from services.ingest.domain.redrives import Desk, Done, Fate, OpenDesk
from shared.db.audit import PostgresTrail
from shared.kernel.audit import Entry

REDRIVE_LOCK = 0x67660001  # one redrive at a time
ROLES = ("operator",)

_TIMES = text(
    "SELECT count(*) FROM audit WHERE subject = :letter AND action = :action"
    " AND outcome = 'granted'"
)


class PostgresRedrives:
    """See ``domain.redrives.Redrives``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self) -> None:
        lock = text("SELECT pg_advisory_xact_lock(CAST(:lock AS bigint))")
        await self._connection.execute(lock, {"lock": REDRIVE_LOCK})

    async def times(self, letter: str) -> int:
        asked = {"letter": _subject(letter), "action": _action(Fate.REDRIVEN)}
        return int((await self._connection.execute(_TIMES, asked)).scalar_one())

    async def write(self, done: Done) -> None:
        await PostgresTrail(self._connection).write(
            Entry(
                at=done.at,
                actor=done.actor,
                roles=ROLES,
                action=_action(Fate.REDRIVEN if done.fate is Fate.REFUSED else done.fate),
                subject=_subject(done.letter),
                trace_id=done.place,
                fields=("value",) if done.fate is Fate.OPENED else (),
                reason=done.detail,
                outcome="refused" if done.fate is Fate.REFUSED else "granted",
            )
        )


def desk_of(engine: AsyncEngine) -> OpenDesk:
    """Return what opens a transaction; it raises ``StoresAway`` when PostgreSQL is away."""

    @contextlib.asynccontextmanager
    async def open_desk() -> AsyncIterator[Desk]:
        async with desk_in(engine) as (desk, _):
            yield desk

    return open_desk


@contextlib.asynccontextmanager
async def desk_in(engine: AsyncEngine) -> AsyncIterator[tuple[Desk, AsyncConnection]]:
    """Open a transaction: the desk, and its connection for what else belongs into it."""
    async with books_in(engine) as (books, connection):
        yield Desk(books, PostgresRedrives(connection)), connection


def _subject(letter: str) -> str:
    return letter if letter.startswith("source:") else f"dead-letter:{letter}"


def _action(fate: Fate) -> str:
    return "source.resumed" if fate is Fate.RESUMED else f"dead-letter.{fate}"
