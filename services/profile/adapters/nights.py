"""哪些夜要算 — which steps of which nights are due, and what is kept of those that were run.

``nights.told`` counts what was told of a day, or of one before it, after the day was whole; a step
keeps the count that it has seen. So a correction that comes amid a step makes it run once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.profile.adapters.doubts import newest
from services.profile.domain.table import Row
from services.profile.night import Night, Step
from services.profile.permission_book import Conditions, read_conditions
from services.profile.report_plan import Plan, read_plan
from services.profile.settings import CHURN_FLOOR
from shared.contracts.topics import PARTITIONS
from shared.kernel.trading_day import Calendar, china

LOCK = 0x6E696768  # one worker computes at a time
NOT_OF_A_DAY = frozenset({"clocks", "day_closes"})
_WHOLE = text(
    """
    INSERT INTO nights (broker, trading_day)
    SELECT broker, trading_day FROM day_closes WHERE broker = :broker
    GROUP BY broker, trading_day HAVING count(*) >= :partitions
    ON CONFLICT DO NOTHING
    """
)
_DUE = """
    FROM nights n
    CROSS JOIN unnest(CAST(:names AS text[]), CAST(:versions AS integer[]))
        WITH ORDINALITY AS s (name, version, place)
    LEFT JOIN night_steps d
        ON d.broker = n.broker AND d.trading_day = n.trading_day AND d.step = s.name
    WHERE n.broker = :broker
      AND n.trading_day >= (
          SELECT min(kept.trading_day) FROM (
              SELECT trading_day FROM nights WHERE broker = :broker
              ORDER BY trading_day DESC LIMIT :kept) kept)
      AND n.told_at <= clock_timestamp() - make_interval(secs => :calm)
      AND (d.step IS NULL OR d.told < n.told OR d.version <> s.version)
"""
_NEXT = text(
    f"SELECT n.trading_day, s.place, n.told {_DUE} ORDER BY n.trading_day, s.place LIMIT 1"
)
_MANY = text(f"SELECT count(*) {_DUE}")
_DONE = text(
    """
    INSERT INTO night_steps (broker, trading_day, step, version, told, rows, seconds)
    VALUES (:broker, :day, :step, :version, :told, :rows, :seconds)
    ON CONFLICT (broker, trading_day, step) DO UPDATE SET version = EXCLUDED.version,
        told = EXCLUDED.told, rows = EXCLUDED.rows, seconds = EXCLUDED.seconds, computed_at = now()
    """
)
_STANDS = text(
    """
    SELECT (SELECT count(*) FROM day_closes c
            WHERE c.broker = :broker AND c.trading_day = :day) >= :partitions AS whole,
           (SELECT max(computed_at) FROM night_steps d
            WHERE d.broker = :broker AND d.trading_day = :day) AS computed_at
    """
)
_TOUCH = text(
    """
    UPDATE nights SET told = told + 1, told_at = clock_timestamp()
    WHERE broker = ANY(:brokers) AND trading_day >= :day
    """
)


class Stands(NamedTuple):
    """How a night stands: whether its day is closed everywhere, and when it was computed last."""

    whole: bool
    computed_at: datetime | None


class Computed(NamedTuple):
    """A step that was run: of which day, how many rows in how many seconds."""

    day: date
    step: str
    rows: int
    seconds: float


@dataclass(frozen=True)
class Nights:
    """``kept``: so many of the newest nights are computed; ``calm``: seconds without news first.

    ``waits``: for whoever is at it, instead of leaving it to them.
    """

    engine: AsyncEngine
    broker: str
    steps: Sequence[Step]
    kept: int = 30
    calm: float = 5.0
    calendar: Calendar = field(default_factory=china)
    conditions: Conditions = field(default_factory=read_conditions)
    plan: Plan = field(default_factory=read_plan)
    churn_floor: Decimal = CHURN_FLOOR
    waits: bool = False

    async def compute(self) -> Computed | None:
        """Run the first step that is due, if there is one and nobody else is at it."""
        async with self.engine.begin() as connection:  # of its own: a step that fails stays due
            await connection.execute(_WHOLE, {"broker": self.broker, "partitions": PARTITIONS})
        async with self.engine.begin() as connection:
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            if self.waits:
                await connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            elif not await connection.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
                return None
            due = (await connection.execute(_NEXT, self._asked)).first()
            if due is None:
                return None
            step, began = self.steps[due.place - 1], perf_counter()
            rows = await step.run(self._night(connection, due.trading_day))
            done = Computed(due.trading_day, step.name, rows, perf_counter() - began)
            await connection.execute(
                _DONE,
                {"broker": self.broker, "version": step.version, "told": due.told} | done._asdict(),
            )
        return done

    async def due(self) -> int:
        """Return how many steps are due, those that wait for calm too."""
        async with self.engine.connect() as connection:
            return int(await connection.scalar(_MANY, {**self._asked, "calm": 0.0}) or 0)

    async def doubts(self) -> Mapping[str, int]:
        """Return doubt → accounts, of the newest night."""
        async with self.engine.connect() as connection:
            return await newest(connection, self.broker)

    def _night(self, connection: AsyncConnection, day: date) -> Night:
        return Night(
            connection,
            self.broker,
            day,
            self.calendar,
            self.conditions,
            self.plan,
            self.churn_floor,
        )

    @property
    def _asked(self) -> dict[str, object]:
        return {
            "broker": self.broker,
            "kept": self.kept,
            "calm": self.calm,
            "names": [step.name for step in self.steps],
            "versions": [step.version for step in self.steps],
        }


async def stands(connection: AsyncConnection, broker: str, day: date) -> Stands:
    """Return how a day's night stands."""
    asked = {"broker": broker, "day": day, "partitions": PARTITIONS}
    return Stands(*(await connection.execute(_STANDS, asked)).one())


async def again(connection: AsyncConnection, broker: str, day: date) -> None:
    """Have the nights from a day on computed again."""
    await connection.execute(_TOUCH, {"brokers": [broker], "day": day})


async def touch(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """Note that something was told of days: the nights from the first of them on are due again."""
    dated = [
        row.values
        for row in rows
        if row.table.name not in NOT_OF_A_DAY and row.values.get("trading_day") is not None
    ]
    if dated:
        brokers = sorted({values["broker"] for values in dated})
        first = min(values["trading_day"] for values in dated)
        await connection.execute(_TOUCH, {"brokers": brokers, "day": first})
