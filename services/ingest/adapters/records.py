"""查阅的 SQL — looking up, with the audit in the same transaction."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.adapters.books import AWAY
from services.ingest.domain.books import StoresAway
from services.ingest.domain.records import FilePlace, OpenRecords, Records, TakenFile
from shared.contracts.customers import Customer
from shared.contracts.staff import Staff
from shared.db import audit
from shared.db.audit import PostgresTrail
from shared.kernel.audit import Link, Sought

PATIENCE_SECONDS = 10  # who asks over HTTP waits no longer
_CLIENT = text(
    "SELECT body FROM customers JOIN accounts ON customers.name = customer_id "
    "WHERE account = :account"
)
_WITH_PHONE = text(
    "SELECT body FROM customers WHERE phone_index(body) = ANY (CAST(:entries AS text[])) "
    "ORDER BY name"
)
_PEOPLE = text("SELECT body FROM staff")

_FILES = text(
    """
    SELECT taken_at, kind, scope, version, name, day, good, bad FROM files
    WHERE (CAST(:kind AS text) IS NULL OR kind = :kind)
      AND (CAST(:taken_at AS timestamptz) IS NULL
           OR (taken_at, kind, scope, version)
              < (CAST(:taken_at AS timestamptz), :last_kind, :scope, :version))
    ORDER BY taken_at DESC, kind DESC, scope DESC, version DESC
    LIMIT :most
    """
)


class PostgresRecords:
    """See ``domain.records.Records``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.trail = PostgresTrail(connection)

    async def client_of(self, account: str) -> Customer | None:
        row = (await self._connection.execute(_CLIENT, {"account": account})).first()
        return Customer.model_validate_json(row.body) if row else None

    async def with_phone(self, entries: Sequence[str]) -> Sequence[Customer]:
        return await clients_with_phone(self._connection, entries)

    async def people(self) -> Sequence[Staff]:
        rows = await self._connection.execute(_PEOPLE)
        return [Staff.model_validate_json(row.body) for row in rows]

    async def files(self, after: FilePlace | None, kind: str | None, most: int) -> list[TakenFile]:
        taken_at, last_kind, scope, version = after or (None, "", "", 0)
        told = {"taken_at": taken_at, "last_kind": last_kind, "scope": scope, "version": version}
        rows = await self._connection.execute(_FILES, {**told, "kind": kind, "most": most})
        return [TakenFile(FilePlace(*row[:4]), *row[4:]) for row in rows]

    async def audit(self, sought: Sought) -> Sequence[Link]:
        return await audit.page(self._connection, sought)


async def clients_with_phone(connection: AsyncConnection, entries: Sequence[str]) -> list[Customer]:
    """Return the clients whose phone has one of these blind indexes, by customer id."""
    rows = await connection.execute(_WITH_PHONE, {"entries": list(entries)})
    return [Customer.model_validate_json(row.body) for row in rows]


def records_of(engine: AsyncEngine) -> OpenRecords:
    """Return what opens a transaction; it raises ``StoresAway`` when PostgreSQL is away."""

    @contextlib.asynccontextmanager
    async def open_records() -> AsyncIterator[Records]:
        async with connected(engine, PATIENCE_SECONDS) as connection:
            yield PostgresRecords(connection)

    return open_records


@contextlib.asynccontextmanager
async def connected(
    engine: AsyncEngine, seconds: float | None = None
) -> AsyncIterator[AsyncConnection]:
    """Open a transaction; raises ``StoresAway`` when PostgreSQL is away, or takes that long."""
    try:
        async with asyncio.timeout(seconds), engine.begin() as connection:
            yield connection
    except (*AWAY, TimeoutError) as failure:
        raise StoresAway(type(failure).__name__) from failure
