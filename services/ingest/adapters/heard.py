"""听到 — when each source last told something, by the database's clock: one for all replicas.

Files and pulls are not live: nobody concludes from their silence that the session's feed is gone.

The row of a busy source is written once a second at most, and only after everything else of its
transaction, so that streams do not queue for it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_NOTE = text(
    """
    WITH known AS (
        UPDATE heard SET at = now()
        WHERE source = :source AND at < now() - interval '1 second'
    )
    INSERT INTO heard (source, at, live)
    SELECT CAST(:source AS text), now(), CAST(:live AS boolean)
    WHERE NOT EXISTS (SELECT FROM heard WHERE source = :source)
    ON CONFLICT (source) DO NOTHING
    """
)


class PostgresHeard:
    """See ``domain.books.Heard``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def note(self, sources: Iterable[str], live: bool = True) -> None:
        for source in sorted(sources):  # always in this order: no two wait for each other
            await self._connection.execute(_NOTE, {"source": source, "live": live})

    async def moments(self) -> Mapping[str, datetime]:
        rows = await self._connection.execute(text("SELECT source, at FROM heard WHERE live"))
        return {row.source: row.at for row in rows}
