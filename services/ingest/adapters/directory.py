"""名录表 — the newest published state of clients, staff and baselines; personal fields sealed."""

from collections.abc import Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.books import Entry, Owner, Register

CHUNK = 10_000  # rows of one statement

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
    INSERT INTO accounts (account, customer_id, manager_id)
    SELECT * FROM unnest(
        CAST(:accounts AS text[]), CAST(:customers AS text[]), CAST(:managers AS text[])
    )
    ON CONFLICT (account) DO UPDATE
    SET customer_id = excluded.customer_id, manager_id = excluded.manager_id
    """
)

_CLIENTS_OF = text(
    "SELECT DISTINCT customer_id FROM accounts WHERE manager_id = ANY (CAST(:managers AS text[]))"
)

_KNOWN_AS = text("SELECT name, customer_id FROM known_as WHERE name = ANY (CAST(:names AS text[]))")

_WRITE_KNOWN_AS = text(
    """
    INSERT INTO known_as (name, customer_id)
    SELECT * FROM unnest(CAST(:names AS text[]), CAST(:customers AS text[]))
    ON CONFLICT (name) DO UPDATE SET customer_id = excluded.customer_id
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
        names, query = list(entries), text(_WRITE.format(register=register))
        for start in range(0, len(names), CHUNK):
            part = names[start : start + CHUNK]
            columns = {
                "names": part,
                "versions": [entries[name].version for name in part],
                "bodies": [entries[name].body for name in part],
            }
            await self._connection.execute(query, columns)

    async def whole(self, register: Register) -> dict[str, Entry]:
        query = text(f"SELECT name, version, body FROM {register}")  # noqa: S608 our own names
        rows = await self._connection.execute(query)
        return {name: Entry(version, body) for name, version, body in rows}

    async def owners(self, accounts: Iterable[str]) -> dict[str, str]:
        rows = await self._connection.execute(_OWNERS, {"accounts": sorted(accounts)})
        return {row.account: row.customer_id for row in rows}

    async def write_owners(self, owners: Mapping[str, Owner]) -> None:
        if owners:
            columns = {
                "accounts": list(owners),
                "customers": [owner.customer_id for owner in owners.values()],
                "managers": [owner.manager_id for owner in owners.values()],
            }
            await self._connection.execute(_WRITE_OWNERS, columns)

    async def clients_of(self, managers: Iterable[str]) -> set[str]:
        rows = await self._connection.execute(_CLIENTS_OF, {"managers": sorted(managers)})
        return set(rows.scalars())

    async def known_as(self, names: Iterable[str]) -> dict[str, str]:
        rows = await self._connection.execute(_KNOWN_AS, {"names": sorted(names)})
        return {row.name: row.customer_id for row in rows}

    async def write_known_as(self, names: Mapping[str, str]) -> None:
        if names:
            columns = {"names": list(names), "customers": list(names.values())}
            await self._connection.execute(_WRITE_KNOWN_AS, columns)
