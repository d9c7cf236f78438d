"""停收表 — the sources that are stopped, one row each, for all replicas."""

import contextlib
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.adapters.books import books_in
from services.ingest.domain.refusal_limit import Stop

_COLUMNS = "source, since, until, refused, seen"
_ALL = text(f"SELECT {_COLUMNS} FROM stops ORDER BY source")  # noqa: S608 names of columns alone
_WRITE = text(
    f"""
    INSERT INTO stops ({_COLUMNS}) VALUES (:source, :since, :until, :refused, :seen)
    ON CONFLICT (source) DO UPDATE
    SET since = CASE WHEN stops.until < excluded.since THEN excluded.since ELSE stops.since END,
        until = greatest(stops.until, excluded.until), refused = excluded.refused,
        seen = excluded.seen
    """  # noqa: S608
)
_CLEAR = text(f"DELETE FROM stops WHERE source = :source RETURNING {_COLUMNS}")  # noqa: S608


class PostgresStops:
    """See ``agent.guarding.Stops``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> Sequence[Stop]:
        return [Stop(*row) for row in await self._connection.execute(_ALL)]

    async def write(self, stop: Stop) -> None:
        await self._connection.execute(_WRITE, stop._asdict())

    async def clear(self, source: str) -> Stop | None:
        row = (await self._connection.execute(_CLEAR, {"source": source})).first()
        return Stop(*row) if row else None


@contextlib.asynccontextmanager
async def stops_of(engine: AsyncEngine) -> AsyncIterator[PostgresStops]:
    """Open one transaction over the stops; raises ``StoresAway`` when PostgreSQL is away."""
    async with books_in(engine) as (_, connection):
        yield PostgresStops(connection)
