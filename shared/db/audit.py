"""审计表 — the audit of a service, in its own schema: appended to, never changed.

Written in the transaction of what it tells of. The entries form a chain, ``audit_head`` says where
it ends; triggers refuse to change or remove either. Whoever can switch off triggers can rewrite
both, so note a head elsewhere from time to time: ``verify`` compares with it.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.audit import GENESIS, Broken, Entry, Head, Link, Sought, digest, follow
from shared.observability.logging import logger

BATCH = 2000  # rows read at a time

_REFUSE = """
CREATE FUNCTION {schema}.audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'audit_head' AND TG_OP = 'UPDATE' AND NEW.n = OLD.n + 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit is appended to, never changed' USING ERRCODE = '42501';
END
$$
"""
_TABLES = (
    """
    CREATE TABLE {schema}.audit (
        n        bigint PRIMARY KEY,
        at       timestamptz NOT NULL,
        actor    text NOT NULL,
        roles    text[] NOT NULL,
        action   text NOT NULL,
        subject  text NOT NULL,
        trace_id text NOT NULL,
        fields   text[] NOT NULL,
        reason   text NOT NULL,
        outcome  text NOT NULL CHECK (outcome IN ('granted', 'refused')),
        digest   bytea NOT NULL
    )
    """,
    "CREATE INDEX audit_actor ON {schema}.audit (actor, n)",
    "CREATE INDEX audit_subject ON {schema}.audit (subject, n)",
    """
    CREATE TABLE {schema}.audit_head (
        one    boolean PRIMARY KEY DEFAULT true CHECK (one),
        n      bigint NOT NULL,
        digest bytea NOT NULL
    )
    """,
    "INSERT INTO {schema}.audit_head (n, digest) VALUES (0, decode(repeat('00', 32), 'hex'))",
    _REFUSE,
)
_TRIGGERS = tuple(
    f"CREATE TRIGGER {table}_stays_{each} BEFORE {what} ON {{schema}}.{table} "
    f"FOR EACH {each} EXECUTE FUNCTION {{schema}}.audit_stays()"
    for table in ("audit", "audit_head")
    for each, what in (("row", "UPDATE OR DELETE"), ("statement", "TRUNCATE"))
)
_DROPS = (
    "DROP TABLE {schema}.audit",
    "DROP TABLE {schema}.audit_head",
    "DROP FUNCTION {schema}.audit_stays",
)


def creation(schema: str) -> tuple[str, ...]:
    """Return the statements of a migration that gives a service its audit."""
    return tuple(statement.format(schema=schema) for statement in (*_TABLES, *_TRIGGERS))


def removal(schema: str) -> tuple[str, ...]:
    """Return the statements that take it back."""
    return tuple(statement.format(schema=schema) for statement in _DROPS)


_COLUMNS = "at, actor, roles, action, subject, trace_id, fields, reason, outcome"
_HEAD = "SELECT n, digest FROM audit_head"
_LAST = text(f"{_HEAD} FOR UPDATE")  # one writer at a time: the chain has no gap
_APPEND = text(
    f"""
    INSERT INTO audit (n, {_COLUMNS}, digest)
    VALUES (:n, :at, :actor, :roles, :action, :subject, :trace_id, :fields, :reason, :outcome,
            :digest)
    """  # noqa: S608 names of columns alone
)
_MOVE = text("UPDATE audit_head SET n = :n, digest = :digest")
_AFTER = text(
    f"SELECT n, digest, {_COLUMNS} FROM audit "  # noqa: S608
    "WHERE n > :after AND n <= :last ORDER BY n LIMIT :limit"
)
_PAGE = text(
    f"""
    SELECT n, digest, {_COLUMNS} FROM audit
    WHERE n < :before
      AND (CAST(:actor AS text) IS NULL OR actor = :actor)
      AND (CAST(:subject AS text) IS NULL OR subject = :subject)
    ORDER BY n DESC LIMIT :limit
    """  # noqa: S608
)


class PostgresTrail:
    """See ``shared.kernel.audit.Trail``: write last, the lock is held to the end."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def write(self, entry: Entry) -> None:
        last = (await self._connection.execute(_LAST)).one()
        n = last.n + 1
        made = digest(last.digest, n, entry)
        row: dict[str, Any] = {**vars(entry), "n": n, "digest": made}
        row |= {"roles": list(entry.roles), "fields": list(entry.fields)}
        await self._connection.execute(_APPEND, row)
        await self._connection.execute(_MOVE, {"n": n, "digest": made})
        logger().info("audited", n=n, digest=made.hex())  # a head that is noted elsewhere


async def page(connection: AsyncConnection, sought: Sought) -> list[Link]:
    """Return entries, newest first."""
    return [_link(row) for row in await connection.execute(_PAGE, vars(sought))]


async def verify(connection: AsyncConnection, noted: Mapping[int, bytes]) -> Head | Broken:
    """Walk the chain to where it ends now; ``noted``: heads that were seen before, n → digest."""
    head = Head(*(await connection.execute(text(_HEAD))).one())
    reached = Head(0, GENESIS)
    async for links in _batches(connection, head.n):
        end = follow(links, reached)
        if isinstance(end, Broken):
            return end
        if lost := [link.n for link in links if noted.get(link.n, link.digest) != link.digest]:
            return Broken(lost[0], "not what was noted")
        reached = end
    if reached != head:
        return Broken(reached.n + 1, "missing at the end")
    beyond = [n for n in noted if n > reached.n]
    return Broken(min(beyond), "missing, but noted") if beyond else reached


async def _batches(connection: AsyncConnection, last: int) -> AsyncIterator[list[Link]]:
    """Yield entries in their order; what is written meanwhile is left for the next time."""
    after = 0
    while True:
        asked = {"after": after, "last": last, "limit": BATCH}
        links = [_link(row) for row in await connection.execute(_AFTER, asked)]
        if not links:
            return
        yield links
        after = links[-1].n


def _link(row: Row[Any]) -> Link:
    told = dict(row._mapping)
    n, made = told.pop("n"), told.pop("digest")
    told |= {"roles": tuple(told["roles"]), "fields": tuple(told["fields"])}
    return Link(n, Entry(**told), made)
