"""查阅 — one transaction of looking up, with its audit; the queries are in files beside it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.profile.adapters.faults import is_a_collision, is_about_the_data
from shared.db import audit
from shared.db.audit import PostgresTrail
from shared.kernel.audit import Entry, Link, Sought
from shared.web.refusal import Away, Refusal

PATIENCE_SECONDS = 10  # who asks over HTTP waits no longer
AWAY = (OSError, InterfaceError, OperationalError, PoolTimeout, TimeoutError)


@dataclass(frozen=True)
class Records:
    """The tables of one broker, as of one moment."""

    connection: AsyncConnection
    broker: str

    async def rows(self, query: str, **asked: Any) -> Sequence[Mapping[str, Any]]:
        """Return what a query finds; ``:broker`` is bound in every one."""
        found = await self.connection.execute(text(query), {"broker": self.broker, **asked})
        return [dict(row) for row in found.mappings()]

    async def note(self, entry: Entry) -> None:
        """Write the audit: last, its lock is held to the end."""
        await PostgresTrail(self.connection).write(entry)

    async def audit(self, sought: Sought) -> Sequence[Link]:
        """Return a page of the audit, newest first."""
        return await audit.page(self.connection, sought)


OpenRecords = Callable[[], AbstractAsyncContextManager[Records]]
"""Opens one transaction; raises ``Away`` when PostgreSQL is."""


def records_of(engine: AsyncEngine, broker: str) -> OpenRecords:
    """Return what opens a transaction over one broker's rows."""

    @contextlib.asynccontextmanager
    async def open_records() -> AsyncIterator[Records]:
        async with connected(engine) as connection:
            yield Records(connection, broker)

    return open_records


@contextlib.asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction; raises ``Away`` when PostgreSQL is away, or takes too long."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), engine.begin() as connection:
            yield connection
    except AWAY as failure:
        raise Away("the database") from failure
    except DBAPIError as failure:
        if failure.connection_invalidated:
            raise Away("the database") from failure
        if is_a_collision(failure):
            raise Away("a table that is being exchanged") from failure
        if is_about_the_data(failure):
            raise Refusal(400, "a value is out of range") from None
        raise
