"""夜间批 — what is computed of a whole trading day: a step each, and each may be run again.

A step replaces what it said of the day before. It sees the facts as they are when it runs, so that
a late correction is answered by running it again, for that day and the days after it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from services.profile.permission_book import Conditions, read_conditions
from services.profile.report_plan import Plan, read_plan
from services.profile.settings import CHURN_FLOOR
from shared.contracts.event import Event
from shared.contracts.topics import PROFILE
from shared.kernel.trading_day import Calendar, china
from shared.streams.outbox import put


@dataclass(frozen=True)
class Night:
    """One step's transaction, for a trading day that is closed in every partition."""

    connection: AsyncConnection
    broker: str
    day: date
    calendar: Calendar = field(default_factory=china)
    conditions: Conditions = field(default_factory=read_conditions)
    plan: Plan = field(default_factory=read_plan)
    churn_floor: Decimal = CHURN_FLOOR

    async def run(self, statement: TextClause, **values: Any) -> int:
        """Run a statement that speaks of ``:broker`` and ``:day``; return the rows it wrote."""
        done = await self.connection.execute(
            statement, {"broker": self.broker, "day": self.day, **values}
        )
        return int(done.rowcount)

    async def tell(self, *events: Event) -> None:
        """Publish events when the step is over. Their ids are derived: a repeat is dropped."""
        await put(self.connection, PROFILE.name, *events)


@dataclass(frozen=True)
class Step:
    """``run`` returns how many rows it wrote. ``after``: the steps whose rows of the day it reads.

    Another ``version`` makes it run again for the nights that are kept.
    """

    name: str
    run: Callable[[Night], Awaitable[int]]
    after: tuple[str, ...] = ()
    version: int = 1
