"""写 — a batch of rows in PostgreSQL: one statement a table, whatever came late or twice."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.profile.domain.facts import tables
from services.profile.domain.table import Row, Table, Values, newest

STALE: Mapping[str, str] = {
    "clients": "m.sequence <> whole.sequence",
    "position_sets": "m.trading_day < whole.trading_day OR (m.trading_day = whole.trading_day"
    " AND (NOT m.settled OR m.sequence <> whole.sequence))",
}
"""Table that tells its members whole → when a member is not among the last told."""


async def write(connection: AsyncConnection, rows: Iterable[Row]) -> None:
    """Write rows in the tables' fixed order; one that does not hold any more changes nothing."""
    found = newest(rows)
    for table in tables():
        if values := found.get(table):
            await connection.execute(upsert(table), columns(table, values))
    for table in tables():
        if table.members:
            await _prune(connection, table, found)


@cache
def upsert(table: Table) -> TextClause:
    """Return the statement that writes rows of a table, given as one array a column."""
    given = ", ".join(f"CAST(:{name} AS {type_}[])" for name, type_ in table.types.items())
    return text(upserted(table, f"SELECT * FROM unnest({given})"))  # noqa: S608 our words


def upserted(table: Table, source: str) -> str:
    """Return the statement that writes the rows of a SELECT, as far as they hold."""
    names = ", ".join(table.types)
    rest = [name for name in table.types if name not in table.named_by]
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in rest)
    held = ", ".join(f"{table.name}.{name}" for name in table.ordered_by)
    new = ", ".join(f"EXCLUDED.{name}" for name in table.ordered_by)
    return (
        f"INSERT INTO {table.name} ({names}) {source}"
        f" ON CONFLICT ({', '.join(table.named_by)}) DO UPDATE SET {changed}"
        f" WHERE ({held}) < ({new})"
    )


def columns(table: Table, values: Sequence[Values]) -> dict[str, list[Any]]:
    """Return rows as columns, JSON as text."""
    found = {name: [row[name] for row in values] for name in table.types}
    for name, type_ in table.types.items():
        if type_ == "jsonb":
            found[name] = [json.dumps(value, ensure_ascii=False) for value in found[name]]
    return found


async def _prune(
    connection: AsyncConnection, whole: Table, found: Mapping[Table, Sequence[Values]]
) -> None:
    """Remove the members that are not among the last told, of those that the batch speaks of."""
    concerned = [t for t in found if t is whole or t.name in whole.members]
    names = sorted({tuple(row[c] for c in whole.named_by) for t in concerned for row in found[t]})
    if not names:
        return
    given = {column: [name[n] for name in names] for n, column in enumerate(whole.named_by)}
    for member in whole.members:
        await connection.execute(_pruning(whole, member), given)


@cache
def _pruning(whole: Table, member: str) -> TextClause:
    given = ", ".join(f"CAST(:{name} AS {whole.types[name]}[])" for name in whole.named_by)
    names = ", ".join(whole.named_by)
    return text(
        f"{stale(whole, member)} AND ({', '.join(f'm.{name}' for name in whole.named_by)})"  # noqa: S608
        f" IN (SELECT * FROM unnest({given}) AS named ({names}))"
    )


def stale(whole: Table, member: str) -> str:
    """Return the statement that removes every member that is not among the last told."""
    same = " AND ".join(f"m.{name} = whole.{name}" for name in whole.named_by)
    return (
        f"DELETE FROM {member} m USING {whole.name} whole"  # noqa: S608 our own words
        f" WHERE {same} AND ({STALE[whole.name]})"
    )
