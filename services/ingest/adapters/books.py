"""One transaction over all of ingest's tables, opened at the edge."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters.ctp.places import PostgresPlaces
from services.ingest.adapters.day_rows import PostgresDayRows
from services.ingest.adapters.directory import PostgresDirectory
from services.ingest.adapters.files import PostgresFiles, PostgresSettlements
from services.ingest.adapters.heard import PostgresHeard
from services.ingest.adapters.inbox import PostgresInbox
from services.ingest.adapters.movements import PostgresMovements
from services.ingest.adapters.reconciliation import PostgresReconciliation
from services.ingest.domain.books import Books, OpenBooks, StoresAway

AWAY = (DBAPIError, PoolTimeout, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What PostgreSQL's absence looks like: refused, cut off, starting, out of connections."""


def books_of(engine: AsyncEngine) -> OpenBooks:
    """Return what opens a transaction; it raises ``StoresAway`` when PostgreSQL is away."""

    @contextlib.asynccontextmanager
    async def open_books() -> AsyncIterator[Books]:
        try:
            async with engine.begin() as connection:
                yield Books(
                    PostgresInbox(connection),
                    PostgresMovements(connection),
                    PostgresReconciliation(connection),
                    PostgresSettlements(connection),
                    PostgresDirectory(connection),
                    PostgresFiles(connection),
                    PostgresHeard(connection),
                    PostgresDayRows(connection),
                    PostgresPlaces(connection),
                )
        except (DataError, IntegrityError):
            raise
        except AWAY as failure:
            raise StoresAway(type(failure).__name__) from failure

    return open_books
