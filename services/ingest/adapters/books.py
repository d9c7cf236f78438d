"""One transaction over all of ingest's tables, opened at the edge."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.adapters.ctp.places import PostgresPlaces
from services.ingest.adapters.day_rows import PostgresDayRows
from services.ingest.adapters.directory import PostgresDirectory
from services.ingest.adapters.files import PostgresFiles, PostgresSettlements
from services.ingest.adapters.heard import PostgresHeard
from services.ingest.adapters.inbox import PostgresInbox
from services.ingest.adapters.movements import PostgresMovements
from services.ingest.adapters.reconciliation import PostgresReconciliation
from services.ingest.domain.books import Books, OpenBooks, StoresAway
from shared.db.audit import PostgresTrail

AWAY = (DBAPIError, PoolTimeout, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What PostgreSQL's absence looks like: refused, cut off, starting, out of connections."""


def books_of(engine: AsyncEngine) -> OpenBooks:
    """Return what opens a transaction; it raises ``StoresAway`` when PostgreSQL is away."""

    @contextlib.asynccontextmanager
    async def open_books() -> AsyncIterator[Books]:
        async with books_in(engine) as (books, _):
            yield books

    return open_books


@contextlib.asynccontextmanager
async def books_in(engine: AsyncEngine) -> AsyncIterator[tuple[Books, AsyncConnection]]:
    """Open a transaction: the books, and its connection for what else belongs into it."""
    try:
        async with engine.begin() as connection:
            yield _books(connection), connection
    except (DataError, IntegrityError):
        raise
    except AWAY as failure:
        raise StoresAway(type(failure).__name__) from failure


def _books(connection: AsyncConnection) -> Books:
    return Books(
        PostgresInbox(connection),
        PostgresMovements(connection),
        PostgresReconciliation(connection),
        PostgresSettlements(connection),
        PostgresDirectory(connection),
        PostgresFiles(connection),
        PostgresHeard(connection),
        PostgresDayRows(connection),
        PostgresPlaces(connection),
        PostgresTrail(connection),
    )
