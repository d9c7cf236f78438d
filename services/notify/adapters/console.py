"""查阅 — inbox, search and history out of the ledger: one transaction each, with its audit."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.notify.adapters.answers import answer_in
from services.notify.adapters.stories import story
from services.notify.domain.answer import Answered
from services.notify.domain.inbox import Entry, Wanted
from services.notify.domain.story import Story
from shared.contracts.alerts import ALERTS
from shared.db import audit
from shared.db.audit import PostgresTrail
from shared.db.row_scope import within
from shared.kernel.audit import Link, Sought
from shared.web.organisation import RowScope
from shared.web.refusal import Away

PATIENCE_SECONDS = 10  # who asks over HTTP waits no longer
AWAY = (OSError, InterfaceError, OperationalError, PoolTimeout, TimeoutError)

COLUMNS = """
    a.alert_id, a.open, shown.event, shown.state AS outcome, c.display_name, r.manager_id,
    r.branch_id, CASE WHEN climbs.ended IS NULL THEN climbs.due_at END AS next_step, last.answer_id,
    last.revision, last.staff_id, last.kind, last.until_at, last.reason, last.heir, last.via,
    last.answered_at
"""
JOINED = """
    JOIN LATERAL (SELECT event, state FROM revisions WHERE alert_id = a.alert_id
                  ORDER BY state = 'told' DESC, revision DESC LIMIT 1) shown ON true
    LEFT JOIN LATERAL (SELECT customer_id, manager_id, branch_id FROM relations
                       WHERE broker = a.broker AND account = a.account
                       ORDER BY sequence DESC LIMIT 1) r ON true
    LEFT JOIN customers c ON c.broker = a.broker AND c.customer_id = r.customer_id
    LEFT JOIN LATERAL (SELECT * FROM acknowledgements WHERE alert_id = a.alert_id
                       ORDER BY number DESC LIMIT 1) last ON true
    LEFT JOIN climbs ON climbs.alert_id = a.alert_id
"""
HEARD = f"""
    SELECT h.number, h.changed, h.wall_heard AS heard, {COLUMNS}
    FROM hearers h JOIN alerts a ON a.alert_id = h.alert_id {JOINED}
    WHERE a.broker = :broker AND h.staff_id = ANY (CAST(:mine AS text[]))
"""  # noqa: S608 constants alone
FIRST = """
    AND NOT EXISTS (SELECT FROM hearers o WHERE o.alert_id = h.alert_id
                    AND o.staff_id = ANY (CAST(:mine AS text[])) AND o.number < h.number)
"""
"""Somebody told as two people, as the heir of one who left, has the alert once."""
FOUND = f"""
    SELECT a.number, 0 AS changed, NULL AS heard, {COLUMNS} FROM alerts a {JOINED}
    WHERE a.broker = :broker
"""  # noqa: S608
TOLD = (
    "EXISTS (SELECT FROM hearers t WHERE t.alert_id = a.alert_id"
    " AND t.staff_id = ANY (CAST(:mine AS text[])))"
)
ASKED = {
    "open": "a.open = :open",
    "urgency": "a.urgency = :urgency",
    "rule": "a.rule = :rule",
    "day_from": "a.trading_day >= :day_from",
    "day_to": "a.trading_day <= :day_to",
    "account": "a.account = :account",
    "outcome": "shown.state = :outcome",
    "staff": "EXISTS (SELECT FROM hearers s WHERE s.alert_id = a.alert_id AND s.staff_id = :staff)",
}


@dataclass(frozen=True)
class PostgresConsole:
    """See ``services.notify.desk.Console``."""

    connection: AsyncConnection
    broker: str

    async def inbox(
        self, mine: Collection[str], wanted: Wanted, before: int, limit: int
    ) -> Sequence[Entry]:
        where, told = _asked(wanted)
        order = "AND h.number < :before ORDER BY h.number DESC LIMIT :limit"
        query = f"{HEARD} {FIRST} {where} {order}"
        return await self._entries(query, mine, before=before, limit=limit, **told)

    async def changed(self, mine: Collection[str], after: int, limit: int) -> Sequence[Entry]:
        order = "AND h.changed > :after ORDER BY h.changed LIMIT :limit"
        return await self._entries(f"{HEARD} {order}", mine, after=after, limit=limit)

    async def search(
        self, scope: RowScope, mine: Collection[str], wanted: Wanted, page: tuple[int, int]
    ) -> Sequence[Entry]:
        (where, told), reached = _asked(wanted), within(scope, "r.manager_id", "r.branch_id")
        order = "AND a.number < :before ORDER BY a.number DESC LIMIT :limit"
        query = f"{FOUND} AND ({reached.sql} OR {TOLD}) {where} {order}"
        before, limit = page
        told |= reached.values
        return await self._entries(query, mine, before=before, limit=limit, **told)

    async def entry(self, alert_id: UUID) -> Entry | None:
        query = f"{FOUND} AND a.alert_id = :alert"
        return next(iter(await self._entries(query, (), alert=alert_id)), None)

    async def hearers(self, alert_id: UUID) -> frozenset[str]:
        query = text("SELECT staff_id FROM hearers WHERE alert_id = :alert")
        return frozenset(await self.connection.scalars(query, {"alert": alert_id}))

    async def history(self, alert_id: UUID) -> Story:
        return await story(self.connection, alert_id)

    async def place(self) -> int:
        newest = await self.connection.scalar(text("SELECT max(changed) FROM hearers"))
        return int(newest or 0)

    async def role_of(self, staff_id: str) -> str | None:
        query = text("SELECT role FROM staff WHERE broker = :broker AND staff_id = :staff")
        asked = {"broker": self.broker, "staff": staff_id}
        role: str | None = await self.connection.scalar(query, asked)
        return role

    async def audit(self, sought: Sought) -> Sequence[Link]:
        return await audit.page(self.connection, sought)

    @property
    def trail(self) -> PostgresTrail:
        return PostgresTrail(self.connection)

    async def _entries(self, query: str, mine: Collection[str], **asked: Any) -> list[Entry]:
        told = {"broker": self.broker, **asked}
        told |= {"mine": sorted(mine)} if ":mine" in query else {}
        return [_entry(row) for row in await self.connection.execute(text(query), told)]


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction; raises ``Away`` when PostgreSQL is away, or takes too long."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), engine.begin() as connection:
            yield connection
    except AWAY as failure:
        raise Away("the database") from failure
    except DBAPIError as failure:
        if failure.connection_invalidated:
            raise Away("the database") from failure
        raise


def _asked(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    told = {name: value for name, value in asdict(wanted).items() if value is not None}
    return " ".join(f"AND {ASKED[name]}" for name in told), told


def _entry(row: Row[Any]) -> Entry:
    last: Answered | None = None if row.answer_id is None else answer_in(row)
    return Entry(
        number=row.number,
        changed=row.changed or 0,
        event=ALERTS.validate_json(row.event),
        outcome=row.outcome,
        open=row.open,
        client=row.display_name,
        manager_id=row.manager_id,
        branch_id=row.branch_id,
        next_step=row.next_step,
        last=last,
        heard=row.heard,
    )
