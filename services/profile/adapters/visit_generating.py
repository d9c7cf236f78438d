"""生成回访 — the batch that waits longest is judged and landed whole, in one transaction.

Beside it, how far it is is written in transactions of its own, so that everybody may look.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.profile.adapters.clients import Row
from services.profile.adapters.visit_figures import figures, figures_of, period
from services.profile.adapters.visit_landing import known, land
from services.profile.domain.visit_draw import Drawing, Selection, Task, merge
from services.profile.visit_book import VisitBook
from shared.crypto import FieldCipher
from shared.kernel.trading_day import Calendar

LOCK = 0x76697369  # one worker generates at a time
ATTEMPTS = 3  # a batch that ends its worker so often is given up
NEXT = text(
    "SELECT * FROM visit_batches WHERE broker = :broker AND status IN ('queued', 'running')"
    " ORDER BY generated_at, batch LIMIT 1"
)
WAITING = text(
    "SELECT count(*) FROM visit_batches WHERE broker = :broker AND status IN ('queued', 'running')"
)
CLIENTS = text("SELECT count(*) FROM clients WHERE broker = :broker")
BEGUN = text(
    "UPDATE visit_batches SET status = 'running', attempts = attempts + 1, seen = 0,"
    " total = :total, started_at = clock_timestamp() WHERE broker = :broker AND batch = :batch"
)
SEEN = text("UPDATE visit_batches SET seen = :seen WHERE broker = :broker AND batch = :batch")
WRONG = text("UPDATE visit_batches SET wrong = :wrong WHERE broker = :broker AND batch = :batch")
GIVEN_UP = text(
    "UPDATE visit_batches SET status = 'failed', finished_at = clock_timestamp()"
    " WHERE broker = :broker AND batch = :batch"
)
DONE = text(
    "UPDATE visit_batches SET status = 'done', wrong = NULL, finished_at = clock_timestamp(),"
    " clients = :clients, seen = :clients, total = :clients, tallies = CAST(:tallies AS jsonb),"
    " selected = :selected, opened = :opened, joined = :joined"
    " WHERE broker = :broker AND batch = :batch"
)


@dataclass(frozen=True)
class Generating:
    """Generates what was asked for."""

    engine: AsyncEngine
    broker: str
    calendar: Calendar
    cipher: FieldCipher

    async def generate(self) -> Row | None:
        """Generate the next batch; None: none waits, or another worker is at it.

        What it raises is kept with the batch, which is tried again.
        """
        async with self.engine.begin() as connection:
            if not await connection.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
                return None
            found = (await connection.execute(NEXT, {"broker": self.broker})).mappings().first()
            if found is None:
                return None
            batch = dict(found)
            if batch["attempts"] >= ATTEMPTS:
                await self._note(batch, GIVEN_UP)
                return {**batch, "status": "failed"}
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            try:
                return await self._generated(connection, batch)
            except Exception as error:
                await self._note(batch, WRONG, wrong=type(error).__name__)
                raise

    async def waiting(self) -> int:
        """Return how many batches are asked for and not done."""
        async with self.engine.connect() as connection:
            return int(await connection.scalar(WAITING, {"broker": self.broker}) or 0)

    async def _generated(self, connection: AsyncConnection, batch: Row) -> Row:
        total = await connection.scalar(CLIENTS, {"broker": self.broker})
        await self._note(batch, BEGUN, total=total)
        selection = await self._selection(connection, batch)
        before = await known(connection, self.broker, batch["year"])
        tasks = merge(selection, before)
        if not batch["preview"]:
            await land(connection, batch, tasks)
        said = counted(selection, before, tasks)
        names = {"broker": self.broker, "batch": batch["batch"]}
        values = {**said, "tallies": json.dumps(said["tallies"])}
        await connection.execute(DONE, {**values, **names})
        return {**batch, **said, "status": "done"}

    async def _selection(self, connection: AsyncConnection, batch: Row) -> Selection:
        book, day = VisitBook.model_validate(batch["rules"]), batch["trading_day"]
        drawing, seen = Drawing(book.rules, day, batch["seed"]), 0
        days = period(book, day, self.calendar)
        async for rows in figures(connection, self.broker, book, days):
            known_of = partial(figures_of, book=book, day=day, cipher=self.cipher)
            await asyncio.to_thread(drawing.judge, map(known_of, rows))
            seen += len(rows)
            await self._note(batch, SEEN, seen=seen)
        return await asyncio.to_thread(drawing.selection)

    async def _note(self, batch: Row, statement: TextClause, **values: Any) -> None:
        names = {"broker": self.broker, "batch": batch["batch"]}
        async with self.engine.begin() as connection:
            await connection.execute(statement, {**names, **values})


def counted(selection: Selection, before: Sequence[Task], new: Sequence[Task]) -> dict[str, Any]:
    """Return what a batch says of itself."""
    open_ = {(task.customer_id, task.round) for task in before}
    joined = sum((task.customer_id, task.round) in open_ for task in new)
    return {
        "clients": selection.clients,
        "tallies": {name: asdict(tally) for name, tally in selection.tallies.items()},
        "selected": len(selection.reasons),
        "opened": len(new) - joined,
        "joined": joined,
    }
