"""位置 — how far each partition of a topic is in the tables, written with the rows themselves."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

START = -1  # nothing was read yet: from the beginning

_NOTE = text(
    """
    INSERT INTO offsets (topic, partition, next_offset)
    SELECT topic, partition, CAST(:start AS bigint)
    FROM unnest(CAST(:topic AS text[]), CAST(:partition AS integer[])) AS o (topic, partition)
    ON CONFLICT DO NOTHING
    """
)
_READ = text(
    """
    SELECT topic, partition, next_offset FROM offsets
    WHERE (topic, partition) IN (
        SELECT * FROM unnest(CAST(:topic AS text[]), CAST(:partition AS integer[]))
    )
    """
)
_ADVANCE = text(
    """
    UPDATE offsets SET next_offset = given.after
    FROM unnest(
        CAST(:topic AS text[]), CAST(:partition AS integer[]),
        CAST(:before AS bigint[]), CAST(:after AS bigint[])
    ) AS given (topic, partition, before, after)
    WHERE offsets.topic = given.topic AND offsets.partition = given.partition
      AND offsets.next_offset = given.before
    """
)


class Partition(NamedTuple):
    """One partition of a topic; so is aiokafka's ``TopicPartition``."""

    topic: str
    partition: int


class Overtaken(Exception):
    """Another worker, or a rebuild, has moved a position since it was read: read it again."""


async def positions(
    connection: AsyncConnection, partitions: Iterable[Partition]
) -> dict[Partition, int]:
    """Return the next offset of each partition; ``START`` where nothing was read."""
    named = sorted(partitions)
    asked = {"topic": [t for t, _ in named], "partition": [p for _, p in named]}
    await connection.execute(_NOTE, {**asked, "start": START})
    found = await connection.execute(_READ, asked)
    return {Partition(row.topic, row.partition): row.next_offset for row in found}


async def advance(connection: AsyncConnection, steps: Mapping[Partition, tuple[int, int]]) -> None:
    """Move partitions from one offset to another; raises ``Overtaken`` when one is not there."""
    named = sorted(steps.items())
    moved = await connection.execute(
        _ADVANCE,
        {
            "topic": [p.topic for p, _ in named],
            "partition": [p.partition for p, _ in named],
            "before": [before for _, (before, _) in named],
            "after": [after for _, (_, after) in named],
        },
    )
    if moved.rowcount != len(named):
        raise Overtaken
