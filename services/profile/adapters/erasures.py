"""封存与删除 — clients who asked to be erased: blocked at once, deleted when the law lets us.

期货和衍生品法 art. 117: 20 years are kept, from the last trade or the end of the relation.
The table is no fact: neither a later event nor a rebuild lifts a block.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.profile.adapters.clients import Row, Rows
from services.profile.adapters.kept_reports import drop_naming
from services.profile.adapters.records import Records

KEPT_YEARS = 20
BLOCK = text(
    "INSERT INTO erasures (broker, customer_id, asked_at, asked_by, reason)"
    " VALUES (:broker, :client, :at, :by, :reason) ON CONFLICT DO NOTHING"
)
KNOWN = text("SELECT count(*) FROM clients WHERE broker = :broker AND customer_id = :client")
_LOOK = """
SELECT e.*, (ends.day + make_interval(years => :years))::date AS due
FROM erasures e
CROSS JOIN LATERAL (
    SELECT bool_or(g.closed_on IS NULL AND g.status IS DISTINCT FROM 'closed') AS open,
           max(g.closed_on) AS closed_on, max(b.last_trade_on) AS last_trade_on,
           max(d.traded_on) AS traded_on
    FROM relations r
    LEFT JOIN registrations g ON g.broker = r.broker AND g.account = r.account
    LEFT JOIN baselines b ON b.broker = r.broker AND b.account = r.account
    LEFT JOIN LATERAL (SELECT max(x.trading_day) AS traded_on FROM account_days x
        WHERE x.broker = r.broker AND x.account = r.account AND x.traded_lots > 0) d ON true
    WHERE r.broker = e.broker AND r.customer_id = e.customer_id
) whole
CROSS JOIN LATERAL (
    SELECT CASE WHEN NOT coalesce(whole.open, false) THEN greatest(whole.closed_on,
        whole.last_trade_on, whole.traded_on, (e.asked_at AT TIME ZONE 'Asia/Shanghai')::date)
    END AS day
) ends
"""
ONE = text(f"{_LOOK} WHERE e.broker = :broker AND e.customer_id = :client")
DUE = text(
    f"SELECT * FROM ({_LOOK}) e WHERE due <= :today OR deleted_at IS NOT NULL"  # noqa: S608
    " ORDER BY broker, customer_id"
)
ACCOUNTS = text(
    "SELECT r.account FROM relations r WHERE r.broker = :broker AND r.customer_id = :client"
    " AND NOT EXISTS (SELECT FROM relations o WHERE o.broker = r.broker"
    " AND o.account = r.account AND o.customer_id <> r.customer_id)"
)
TABLES = text(
    "SELECT c.relname AS name, min(CAST(a.attname AS text)) AS column"
    " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped"
    " WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind IN ('r', 'p')"
    " AND NOT c.relispartition AND c.relname <> 'erasures'"
    " AND a.attname IN ('account', 'customer_id')"
    " AND EXISTS (SELECT FROM pg_attribute b WHERE b.attrelid = c.oid AND b.attname = 'broker')"
    " GROUP BY c.relname ORDER BY max(CAST(a.attname AS text)), c.relname"
)
"""Every table that tells of a client, and by what: the account where it names one."""
OF_VISITS = text(
    "SELECT c.relname FROM pg_class c"
    " WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind = 'r'"
    " AND c.relname <> 'visit_tasks' AND EXISTS (SELECT FROM pg_attribute a"
    " WHERE a.attrelid = c.oid AND a.attname = 'visit' AND NOT a.attisdropped)"
    " ORDER BY c.relname"
)
"""Every table that tells of a visit, whose client the task alone names."""
DELETED = text(
    "UPDATE erasures SET deleted_at = :at, reason = '' WHERE broker = :broker"
    " AND customer_id = :client"
)


async def known(connection: AsyncConnection, broker: str, client: str) -> bool:
    """Say whether there is such a client."""
    return bool(await connection.scalar(KNOWN, {"broker": broker, "client": client}))


async def block(connection: AsyncConnection, **asked: Any) -> bool:
    """Block a client for ever; False: it was blocked already."""
    return bool((await connection.execute(BLOCK, asked)).rowcount)


async def erasure(connection: AsyncConnection, broker: str, client: str) -> Row | None:
    """Return a client's block; ``due`` is null while an account is open."""
    asked = {"broker": broker, "client": client, "years": KEPT_YEARS}
    found = (await connection.execute(ONE, asked)).mappings().one_or_none()
    return dict(found) if found else None


async def due(connection: AsyncConnection, today: date) -> Rows:
    """Return the blocked clients whose time is over; who was deleted stays among them."""
    found = await connection.execute(DUE, {"today": today, "years": KEPT_YEARS})
    return [dict(row) for row in found.mappings()]


async def delete(connection: AsyncConnection, broker: str, client: str, at: datetime) -> int:
    """Delete a client's rows of every table, and those of accounts of nobody else.

    The block stays, without its reason: what the topics tell again is hidden, and deleted again.
    """
    named = {"broker": broker, "client": client}
    accounts: Sequence[str] = (await connection.execute(ACCOUNTS, named)).scalars().all()
    rows = await _delete_visits(connection, named)
    rows += await drop_naming(Records(connection, broker), client)
    of = {"account": list(accounts), "customer_id": [client]}
    for table in (await connection.execute(TABLES)).all():
        statement = text(
            f"DELETE FROM {table.name} WHERE broker = :broker"  # noqa: S608 the catalogue's words
            f" AND {table.column} = ANY (CAST(:said AS text[]))"
        )
        done = await connection.execute(statement, {"broker": broker, "said": of[table.column]})
        rows += done.rowcount
    await connection.execute(DELETED, {**named, "at": at})
    return rows


async def _delete_visits(connection: AsyncConnection, named: Mapping[str, Any]) -> int:
    """Delete what hangs on a client's visits, before the tasks that say whose they are."""
    rows = 0
    for name in (await connection.execute(OF_VISITS)).scalars().all():
        statement = text(
            f"DELETE FROM {name} WHERE broker = :broker AND visit IN (SELECT visit"  # noqa: S608
            " FROM visit_tasks WHERE broker = :broker AND customer_id = :client)"
        )
        rows += (await connection.execute(statement, named)).rowcount
    return rows
