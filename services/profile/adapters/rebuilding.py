"""重建 — the topics read again into fresh tables beside the present ones, then the two exchanged.

Who asks meanwhile is answered from the present tables. Workers notice by their offsets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.profile.adapters.faults import is_a_collision
from services.profile.adapters.partitions import Partitions
from services.profile.adapters.writing import stale, upserted
from services.profile.domain.facts import tables
from services.profile.domain.table import Table

NOW, NEXT = "profile", "profile_next"
OFFSETS, TRIES = "offsets", 5
NOT_CARRIED = frozenset({"clients", "relations", "tenures", "staff"})
"""Told whole, by topics that keep the last word for ever."""

_KEYS = text(
    """
    SELECT conname AS name, pg_get_constraintdef(oid) AS said FROM pg_constraint
    WHERE conrelid = CAST(:table AS regclass) AND contype = 'p'
    """
)
_INDEXES = text(
    """
    SELECT pg_get_indexdef(i.indexrelid) AS said FROM pg_index i
    WHERE i.indrelid = CAST(:table AS regclass)
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
    """
)
_PARTITIONS = text(
    """
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = CAST(:table AS regclass)
    """
)
_COMPUTE_AGAIN = text("UPDATE profile.nights SET told = told + 1, told_at = clock_timestamp()")
_OPTIONS = text(
    "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = CAST(:table AS regclass)"
)


@dataclass(frozen=True)
class Rebuilding:
    """``present`` and ``fresh`` are one database, seen through the schemas ``NOW`` and ``NEXT``."""

    present: AsyncEngine
    fresh: AsyncEngine

    async def begin(self) -> None:
        """Make the fresh tables, empty; what an earlier try left is dropped."""
        async with self.present.begin() as connection:
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {NEXT} CASCADE"))
            await connection.execute(text(f"CREATE SCHEMA {NEXT}"))
            for table in tables():
                await _copy(connection, table.name, table.dated)
            await _copy(connection, OFFSETS, dated=False)

    async def carry(self) -> int:
        """Take over what the log no longer tells; return how many rows.

        Of a row that the log tells too, the one that holds: what came last may be the older one.
        """
        carried = 0
        partitions = Partitions(self.fresh)
        every = [table for table in tables() if table.name not in NOT_CARRIED]
        for table in every:
            if table.dated:
                await partitions.make_all(table.name, await self._months(table))
            async with self.fresh.begin() as connection:
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
                source = f"SELECT {', '.join(table.types)} FROM {NOW}.{table.name}"  # noqa: S608 our words
                taken = await connection.execute(text(upserted(table, source)))
                carried += taken.rowcount
        async with self.fresh.begin() as connection:
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            for whole in every:
                for member in whole.members:
                    await connection.execute(text(stale(whole, member)))
        return carried

    async def exchange(self, ends: Mapping[tuple[str, int], int]) -> None:
        """Put the fresh tables in the place of the present ones, read up to ``ends``.

        Who reads several tables meanwhile may collide with it: it tries again.
        """
        for left in reversed(range(TRIES)):
            try:
                return await self._exchange(ends)
            except DBAPIError as error:
                if not left or not is_a_collision(error):
                    raise
        return None

    async def _exchange(self, ends: Mapping[tuple[str, int], int]) -> None:
        async with self.present.begin() as connection:
            await connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            await connection.execute(text(f"LOCK TABLE {NOW}.{OFFSETS} IN ACCESS EXCLUSIVE MODE"))
            await connection.execute(
                text(
                    f"UPDATE {NEXT}.{OFFSETS} SET next_offset = greatest(next_offset, given.after)"  # noqa: S608
                    " FROM unnest(CAST(:topic AS text[]), CAST(:partition AS integer[]),"
                    f" CAST(:after AS bigint[])) AS given (topic, partition, after)"
                    f" WHERE {NEXT}.{OFFSETS}.topic = given.topic"
                    f" AND {NEXT}.{OFFSETS}.partition = given.partition"
                ),
                {
                    "topic": [topic for topic, _ in ends],
                    "partition": [partition for _, partition in ends],
                    "after": list(ends.values()),
                },
            )
            for name in (*(table.name for table in tables()), OFFSETS):
                for moved in await _partitions(connection, name):
                    await _replace(connection, moved)
                await _replace(connection, name)
            await connection.execute(text(f"DROP SCHEMA {NEXT}"))
            await connection.execute(_COMPUTE_AGAIN)

    async def _months(self, table: Table) -> Sequence[str]:
        async with self.present.connect() as connection:
            found = await connection.execute(_PARTITIONS, {"table": f"{NOW}.{table.name}"})
            return [row.name for row in found]


async def _copy(connection: AsyncConnection, name: str, dated: bool) -> None:
    """Make an empty table like a present one, with its key, indexes and their names."""
    asked = {"table": f"{NOW}.{name}"}
    by = " PARTITION BY RANGE (trading_day)" if dated else ""
    made = [f"CREATE TABLE {NEXT}.{name} (LIKE {NOW}.{name} INCLUDING DEFAULTS){by}"]
    for key in (await connection.execute(_KEYS, asked)).all():
        made.append(f"ALTER TABLE {NEXT}.{name} ADD CONSTRAINT {key.name} {key.said}")
    for index in (await connection.execute(_INDEXES, asked)).all():
        said = index.said.replace(" ON ONLY ", " ON ")
        made.append(said.replace(f" ON {NOW}.{name} ", f" ON {NEXT}.{name} "))
    if options := await connection.scalar(_OPTIONS, asked):
        made.append(f"ALTER TABLE {NEXT}.{name} SET ({options})")
    for statement in made:
        await connection.execute(text(statement))


async def _partitions(connection: AsyncConnection, name: str) -> Sequence[str]:
    found = await connection.execute(_PARTITIONS, {"table": f"{NEXT}.{name}"})
    return [row.name for row in found]


async def _replace(connection: AsyncConnection, name: str) -> None:
    await connection.execute(text(f"DROP TABLE IF EXISTS {NOW}.{name} CASCADE"))
    await connection.execute(text(f"ALTER TABLE {NEXT}.{name} SET SCHEMA {NOW}"))
