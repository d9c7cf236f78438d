"""入库 — a batch of records: its rows and its offsets in one transaction, or none of it.

A record that cannot be read, or whose values PostgreSQL cannot hold, goes to the dead letters with
its place, and those before and after it go in.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.profile.adapters.faults import is_about_the_data
from services.profile.adapters.offsets import Partition, advance
from services.profile.adapters.partitions import Partitions
from services.profile.adapters.writing import write
from services.profile.domain.fact import Place
from services.profile.domain.facts import rows
from services.profile.domain.finder import Finder
from services.profile.domain.table import Row

Bury = Callable[["Arrived", str], Awaitable[None]]
Touched = Callable[[AsyncConnection, Sequence[Row]], Awaitable[None]]


class Arrived(Protocol):
    """A record of Kafka."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class Unreadable(Exception):
    """The record is not what its topic's contract says. The text quotes no value."""


@dataclass(frozen=True)
class Shelf:
    """Puts records into the tables. ``read``: topic → how its records are read.

    ``touched`` is told which rows were said, in their transaction.
    """

    database: AsyncEngine
    read: Mapping[str, TypeAdapter[Any]]
    finder: Finder
    bury: Bury
    touched: Touched | None = None
    partitions: Partitions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "partitions", Partitions(self.database))

    async def put(self, records: Sequence[Arrived], before: Mapping[Partition, int]) -> int:
        """Put records in, of each partition in its order; return how many went to the letters.

        ``before``: where each partition stands; raises ``Overtaken`` when it is not there any more.
        """
        said: list[Row] = []
        bad: list[tuple[Arrived, str]] = []
        for record in records:
            try:
                said += self._rows(record)
            except Unreadable as error:
                bad.append((record, str(error)))
        try:
            await self._write(said, bad, _steps(records, before))
        except DBAPIError as error:
            if not is_about_the_data(error):
                raise
            return await self._by_halves(records, before)
        return len(bad)

    async def _write(
        self,
        said: Sequence[Row],
        bad: Sequence[tuple[Arrived, str]],
        steps: Mapping[Partition, tuple[int, int]],
    ) -> None:
        await self.partitions.make_for(said)
        async with self.database.begin() as connection:
            await advance(connection, steps)  # first: who was overtaken writes nothing
            await write(connection, said)
            if self.touched is not None:
                await self.touched(connection, said)
            for record, reason in bad:
                await self.bury(record, reason)

    async def _by_halves(self, records: Sequence[Arrived], before: Mapping[Partition, int]) -> int:
        """Find the record with the value that cannot be held, and put in all the others."""
        if len(records) == 1:
            reason = "the database cannot hold one of its values"
            await self._write((), [(records[0], reason)], _steps(records, before))
            return 1
        middle = len(records) // 2
        buried = await self.put(records[:middle], before)
        ends = {
            partition: after for partition, (_, after) in _steps(records[:middle], before).items()
        }
        return buried + await self.put(records[middle:], {**before, **ends})

    def _rows(self, record: Arrived) -> Sequence[Row]:
        if not record.value:
            raise Unreadable("the record has no value")
        try:
            event = self.read[record.topic].validate_json(record.value)
        except ValidationError as error:
            places = error.errors(include_input=False, include_url=False, include_context=False)
            told = (f"{'.'.join(map(str, p['loc']))}: {p['type']}" for p in places[:5])
            raise Unreadable("; ".join(told)) from None
        return list(rows(event, Place(record.partition, self.finder)))


def _steps(
    records: Sequence[Arrived], before: Mapping[Partition, int]
) -> dict[Partition, tuple[int, int]]:
    """Return from where to where each partition goes; the last record of it says the end."""
    ends = {Partition(r.topic, r.partition): r.offset + 1 for r in records}
    return {partition: (before[partition], end) for partition, end in ends.items()}
