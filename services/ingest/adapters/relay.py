"""中继 — from the inbox to Kafka: one relay a lane, sequences in publishing order.

A lane is a range of partitions, each held by a session lock, so that replicas told of other lanes
cannot share a partition either. All of the relay's writes go over the
connection that holds the lock: a relay that lost it cannot give out another sequence. Its order is
fixed: give sequences and commit, send, mark as sent. Whatever was given and not marked is sent
again first, by whoever holds the lane next, with the same sequence and the same bytes.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.adapters import relay_sql as sql
from services.ingest.adapters.lanes import Lane
from services.ingest.adapters.publisher import Publisher, WrongTopics, publishing
from services.ingest.adapters.wire import record_of
from shared.db.session import engine
from shared.observability.logging import logger
from shared.observability.metrics import PUBLISH_LAG
from shared.settings import KafkaSettings, PostgresSettings

PARTITION_LOCK = 0x6C6E  # the class of the advisory locks on partitions
BATCH = 4000  # records
IDLE_SECONDS = 0.1  # other replicas' records, and those a restart left, are found within this
RETRY_SECONDS = 1.0


class Step(StrEnum):
    """The instants of a round, for whoever watches: a test may end the relay at any of them."""

    GIVEN = "sequences given, not committed"
    COMMITTED = "sequences committed, nothing sent"
    SENT = "acknowledged by Kafka, not marked"
    MARKED = "marked as sent"


class Relay:
    """Publishes one lane's facts. ``wake`` is set when something new was stored."""

    def __init__(
        self,
        postgres: PostgresSettings,
        kafka: KafkaSettings,
        lane: Lane,
        watch: Callable[[Step], None] = lambda _: None,
    ) -> None:
        self.wake = asyncio.Event()
        self.state = "starting"
        self._postgres, self._kafka, self._lane, self._watch = postgres, kafka, lane, watch
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Finish the round at hand and end."""
        self._stop.set()
        self.wake.set()

    async def run(self) -> None:
        """Publish until stopped; after any failure begin again, with what was left first."""
        while not self._stop.is_set():
            try:
                await self._hold_lane()
            except Exception as failure:
                self.state = f"lane {self._lane.number}: {_named(failure)}"
                logger().warning(
                    "relay began again", lane=self._lane.number, reason=_named(failure)
                )
                await _wait(self._stop, RETRY_SECONDS)

    async def _hold_lane(self) -> None:
        async with self._own_connection() as connection:
            while not await self._lock(connection):
                self.state = "standby"
                await _wait(self._stop, RETRY_SECONDS)
                if self._stop.is_set():
                    return
            async with publishing(self._kafka) as publisher:
                self.state = "publishing"
                await self._rounds(connection, publisher)

    async def _rounds(self, connection: AsyncConnection, publisher: Publisher) -> None:
        while left := await self._left(connection):
            await self._tell(connection, publisher, left)
        while not self._stop.is_set():
            self.wake.clear()
            if given := await self._give(connection):
                await self._tell(connection, publisher, given)
            else:
                await _wait(self.wake, IDLE_SECONDS)

    async def _left(self, connection: AsyncConnection) -> Sequence[int]:
        async with connection.begin():
            return (await connection.execute(sql.LEFT, self._range)).scalars().all()

    async def _give(self, connection: AsyncConnection) -> Sequence[int]:
        async with connection.begin():
            given = (await connection.execute(sql.GIVE, self._range)).scalars().all()
            if given:
                self._watch(Step.GIVEN)
        if given:
            self._watch(Step.COMMITTED)
        return given

    async def _tell(
        self, connection: AsyncConnection, publisher: Publisher, numbers: Sequence[int]
    ) -> None:
        async with connection.begin():
            told = (await connection.execute(sql.TOLD, {"n": numbers})).all()
        await publisher.publish([record_of(row) for row in told])
        self._watch(Step.SENT)
        oldest = min(row.accepted_at for row in told)
        async with connection.begin():
            await connection.execute(sql.MARK, {"sent": numbers})
            waited = (await connection.execute(sql.WAITED, {"since": oldest})).scalar_one()
        PUBLISH_LAG.observe(float(waited))
        self._watch(Step.MARKED)

    @property
    def _range(self) -> dict[str, int]:
        return {"first": self._lane.first, "last": self._lane.last, "most": BATCH}

    @contextlib.asynccontextmanager
    async def _own_connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection outside any pool: closing it gives the lane up, and nothing else does."""
        own = engine(self._postgres, "ingest", pool_size=1)
        try:
            async with own.connect() as connection:
                yield connection
        finally:
            await own.dispose()

    async def _lock(self, connection: AsyncConnection) -> bool:
        lane = {"class": PARTITION_LOCK, "first": self._lane.first, "last": self._lane.last}
        async with connection.begin():
            for setting in ("idle = 5", "interval = 2", "count = 3"):
                await connection.execute(text(f"SET tcp_keepalives_{setting}"))
            locked = (await connection.execute(sql.LOCK, lane)).scalar_one()
            if locked == self._lane.size:
                return True
            await connection.execute(text("SELECT pg_advisory_unlock_all()"))
            return False


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _named(failure: BaseException) -> str:
    """The failure's name, and the names inside a group: never a value of a record."""
    if isinstance(failure, WrongTopics):
        return str(failure)
    if isinstance(failure, BaseExceptionGroup):
        return ", ".join(_named(inner) for inner in failure.exceptions)
    return type(failure).__name__
