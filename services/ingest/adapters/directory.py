"""名录表 — the newest published state of clients, staff and baselines; personal fields sealed."""

from collections.abc import Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.books import Entry, Register

_ENTRIES = "SELECT name, version, body FROM {register} WHERE name = ANY (CAST(:names AS text[]))"

_WRITE = """
    INSERT INTO {register} (name, version, body)
    SELECT * FROM unnest(
        CAST(:names AS text[]), CAST(:versions AS integer[]), CAST(:bodies AS bytea[])
    )
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, body = excluded.body
"""

_OWNERS = text(
    "SELECT account, customer_id FROM accounts WHERE account = ANY (CAST(:accounts AS text[]))"
)

_WRITE_OWNERS = text(
    """
    INSERT INTO accounts (account, customer_id)
    SELECT * FROM unnest(CAST(:accounts AS text[]), CAST(:customers AS text[]))
    ON CONFLICT (account) DO UPDATE SET customer_id = excluded.customer_id
    """
)


class PostgresDirectory:
    """See ``domain.books.Directory``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def entries(self, register: Register, names: Iterable[str]) -> dict[str, Entry]:
        query = text(_ENTRIES.format(register=register))
        rows = await self._connection.execute(query, {"names": sorted(names)})
        return {name: Entry(version, body) for name, version, body in rows}

    async def write(self, register: Register, entries: Mapping[str, Entry]) -> None:
        if entries:
            columns = {
                "names": list(entries),
                "versions": [entry.version for entry in entries.values()],
                "bodies": [entry.body for entry in entries.values()],
            }
            await self._connection.execute(text(_WRITE.format(register=register)), columns)

    async def owners(self, accounts: Iterable[str]) -> dict[str, str]:
        rows = await self._connection.execute(_OWNERS, {"accounts": sorted(accounts)})
        return {row.account: row.customer_id for row in rows}

    async def write_owners(self, owners: Mapping[str, str]) -> None:
        if owners:
            columns = {"accounts": list(owners), "customers": list(owners.values())}
            await self._connection.execute(_WRITE_OWNERS, columns)
