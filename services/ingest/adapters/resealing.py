"""重新加封的 SQL — everything sealed in ingest's tables, batch by batch."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.adapters.directory import PostgresDirectory
from services.ingest.adapters.files import PostgresFiles
from services.ingest.adapters.inbox import PostgresInbox
from services.ingest.adapters.records import connected
from services.ingest.domain.books import Entry
from services.ingest.domain.fact import Fact
from services.ingest.domain.kept import Held, Kept, OpenKept, SealedLetter

_ENTRIES = {
    register: text(
        f"SELECT name, version, body FROM {register} "  # noqa: S608 one of our own two
        "WHERE name > :after ORDER BY name LIMIT :most"
    )
    for register in ("customers", "staff")
}
_LAST = text("SELECT max(n) AS last FROM records WHERE n > :after AND n <= :after + :most")
_NEXT = text("SELECT min(n) AS next FROM records WHERE n > :after")
_LETTERS = text(
    """
    SELECT n, convert_from(body, 'UTF8') AS value, CAST(headers AS jsonb) ->> 'sealed' AS context
    FROM records
    WHERE n > :after AND n <= :last AND type = 'dead-letter'
      AND CAST(headers AS jsonb) ? 'sealed'
    ORDER BY n
    """
)
_WRITE_LETTER = text("UPDATE records SET body = :body WHERE n = :n")


class PostgresKept:
    """See ``domain.kept.Kept``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self) -> None:
        await PostgresFiles(self._connection).hold()

    async def entries(self, register: Held, after: str, most: int) -> Mapping[str, Entry]:
        rows = await self._connection.execute(_ENTRIES[register], {"after": after, "most": most})
        return {name: Entry(version, bytes(body)) for name, version, body in rows}

    async def write(self, register: Held, entries: Mapping[str, Entry]) -> None:
        await PostgresDirectory(self._connection).write(register, entries)

    async def store(self, facts: Sequence[Fact]) -> None:
        await PostgresInbox(self._connection).store(facts)

    async def letters(self, after: int, most: int) -> tuple[int, Sequence[SealedLetter]]:
        """Numbers have gaps where a duplicate was dropped: an empty stretch is stepped over."""
        first = (await self._connection.execute(_NEXT, {"after": after})).scalar()
        if first is None:
            return after, ()
        stretch = {"after": first - 1, "most": most}
        last: int = (await self._connection.execute(_LAST, stretch)).scalar_one()
        rows = await self._connection.execute(_LETTERS, {"after": after, "last": last})
        return last, [SealedLetter(*row) for row in rows]

    async def write_letter(self, letter: SealedLetter) -> None:
        told = {"n": letter.n, "body": letter.value.encode()}
        await self._connection.execute(_WRITE_LETTER, told)


def kept_of(engine: AsyncEngine) -> OpenKept:
    """Return what opens a transaction; it raises ``StoresAway`` when PostgreSQL is away."""

    @contextlib.asynccontextmanager
    async def open_kept() -> AsyncIterator[Kept]:
        async with connected(engine) as connection:
            yield PostgresKept(connection)

    return open_kept
