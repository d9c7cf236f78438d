"""摘要 — one number a table that two copies of the same rows share, in whatever order they came."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.profile.domain.facts import tables

_DIGEST = (
    "SELECT count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)"
    " FROM (SELECT {columns} FROM {table}) t"
)


async def digest(connection: AsyncConnection) -> dict[str, str]:
    """Return table → its number of rows and the sum of their hashes."""
    await connection.execute(text("SET LOCAL statement_timeout = 0"))
    return {
        table.name: str(
            await connection.scalar(
                text(_DIGEST.format(table=table.name, columns=", ".join(table.types)))
            )
        )
        for table in tables()
    }
