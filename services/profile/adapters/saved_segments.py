"""自己的客群 — segments that people keep, by a condition or as a list; the clients they starred.

Whoever reads one sees the own clients alone, whoever made it.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.profile.adapters.clients import Row, Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import within
from shared.db.row_scope import Where
from shared.web.organisation import RowScope

SEEN = "s.broker = :broker AND (s.owner = :person OR s.shared)"
_KEPT = """
SELECT s.segment, s.name, s.owner, s.shared, s.condition, s.changed_at,
       CASE WHEN s.condition IS NULL THEN (SELECT count(*) FROM segment_clients c
            WHERE c.broker = s.broker AND c.segment = s.segment) END AS listed
FROM saved_segments s WHERE
"""
KEPT = f"{_KEPT} {SEEN} AND (s.segment > :after OR :after IS NULL) ORDER BY s.segment LIMIT :most"
ONE = f"{_KEPT} {SEEN} AND s.segment = :segment"
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:broker || ':' || :person, 20))")
OWN = "SELECT segment, name FROM saved_segments WHERE broker = :broker AND owner = :person"
SAVE = text(
    """
    INSERT INTO saved_segments AS s (broker, segment, name, owner, shared, condition, changed_at)
    VALUES (:broker, :segment, :name, :person, :shared, CAST(:condition AS jsonb), :at)
    ON CONFLICT (broker, segment) DO UPDATE SET name = excluded.name, shared = excluded.shared,
        condition = excluded.condition, changed_at = excluded.changed_at
    """
)
DROP = text("DELETE FROM saved_segments WHERE broker = :broker AND segment = :segment")
EMPTY = text("DELETE FROM segment_clients WHERE broker = :broker AND segment = :segment")
FILL = text(
    "INSERT INTO segment_clients (broker, segment, customer_id)"
    " SELECT :broker, :segment, unnest(CAST(:clients AS text[]))"
)
REACHED = """
SELECT DISTINCT r.customer_id FROM relations r
WHERE r.broker = :broker AND r.customer_id = ANY (CAST(:clients AS text[])) AND {reached}
"""
STAR = text(
    "INSERT INTO stars (broker, person, customer_id) VALUES (:broker, :person, :client)"
    " ON CONFLICT DO NOTHING"
)
UNSTAR = text(
    "DELETE FROM stars WHERE broker = :broker AND person = :person AND customer_id = :client"
)
LISTED = (
    "EXISTS (SELECT FROM segment_clients x WHERE x.broker = r.broker"
    " AND x.customer_id = r.customer_id AND x.segment = :segment)"
)
STARRED = (
    "EXISTS (SELECT FROM stars x WHERE x.broker = r.broker"
    " AND x.customer_id = r.customer_id AND x.person = :person)"
)


async def kept(records: Records, person: str, after: UUID | None, most: int) -> Rows:
    """Return a page of a person's own segments and of the shared ones."""
    return await records.rows(KEPT, person=person, after=after, most=most)


async def one(records: Records, person: str, segment: UUID) -> Row | None:
    """Return a segment that a person may see."""
    found = await records.rows(ONE, person=person, segment=segment)
    return found[0] if found else None


async def owned(records: Records, person: str) -> Rows:
    """Return a person's own segments; until the end nobody else changes them."""
    await records.connection.execute(LOCK, {"broker": records.broker, "person": person})
    return await records.rows(OWN, person=person)


async def save(records: Records, said: Mapping[str, Any], clients: Collection[str]) -> None:
    """Keep a segment as it is now said to be."""
    named = {"broker": records.broker, "segment": said["segment"]}
    await records.connection.execute(SAVE, {**named, **said})
    await records.connection.execute(EMPTY, named)
    await records.connection.execute(FILL, {**named, "clients": sorted(clients)})


async def drop(records: Records, segment: UUID) -> None:
    """Delete a segment with its list."""
    named = {"broker": records.broker, "segment": segment}
    await records.connection.execute(EMPTY, named)
    await records.connection.execute(DROP, named)


async def reached(records: Records, scope: RowScope, clients: Collection[str]) -> set[str]:
    """Return those of the clients that are within reach."""
    where = within(scope)
    query = REACHED.format(reached=where.sql)
    found = await records.rows(query, **where.values, clients=list(clients))
    return {row["customer_id"] for row in found}


async def star(records: Records, person: str, client: str, starred: bool) -> None:
    """Star a client for a person, or no longer."""
    values = {"broker": records.broker, "person": person, "client": client}
    await records.connection.execute(STAR if starred else UNSTAR, values)


def listed(scope: RowScope, segment: UUID) -> Where:
    """Return the accounts within a scope of the clients on a segment's list."""
    where = within(scope)
    return Where(f"{where.sql} AND {LISTED}", {**where.values, "segment": segment})


def starred(scope: RowScope, person: str) -> Where:
    """Return the accounts within a scope of the clients whom a person starred."""
    where = within(scope)
    return Where(f"{where.sql} AND {STARRED}", {**where.values, "person": person})
