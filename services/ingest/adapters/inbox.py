"""收件箱 — the table of all facts, each once under its identity."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.fact import Fact, Identity
from shared.contracts.topics import PARTITIONS
from shared.streams.publish import partition_of

CHUNK: Final = 2000  # rows of one statement: long enough to be fast, short enough to let others in

_STORE = text(
    """
    INSERT INTO records (source, id, copy, topic, partition, key, type, body, headers)
    SELECT source, id, copy, topic, partition, key, type, body, headers
    FROM unnest(
        CAST(:source AS text[]), CAST(:id AS text[]), CAST(:copy AS smallint[]),
        CAST(:topic AS text[]), CAST(:partition AS smallint[]), CAST(:key AS text[]),
        CAST(:type AS text[]), CAST(:body AS bytea[]), CAST(:headers AS text[])
    ) WITH ORDINALITY
        AS given (source, id, copy, topic, partition, key, type, body, headers, place)
    ORDER BY place
    ON CONFLICT (source, id, copy) DO NOTHING
    RETURNING source, id
    """
)

_SILENCE = text(
    """
    DELETE FROM outbox
    USING records JOIN unnest(CAST(:source AS text[]), CAST(:id AS text[])) AS known (source, id)
        ON records.source = known.source AND records.id = known.id
    WHERE outbox.n = records.n AND sequence IS NULL
    """
)

_REWRITE = text(
    """
    WITH given AS (
        SELECT records.n, told.body
        FROM unnest(CAST(:source AS text[]), CAST(:id AS text[]), CAST(:body AS bytea[]))
            AS told (source, id, body)
        JOIN records USING (source, id)
    ), unsent AS (
        SELECT n FROM outbox WHERE n IN (SELECT n FROM given) AND sequence IS NULL FOR UPDATE
    )
    UPDATE records SET body = given.body FROM given JOIN unsent USING (n)
    WHERE records.n = given.n
    """
)
"""The lock makes the relay wait: a sequence goes to the new body, or has gone to the old one."""

COLUMNS = ("source", "id", "copy", "topic", "partition", "key", "type", "body", "headers")


class PostgresInbox:
    """See ``domain.books.Inbox``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, facts: Sequence[Fact]) -> set[Identity]:
        fresh: set[Identity] = set()
        for start in range(0, len(facts), CHUNK):
            rows = [row for fact in facts[start : start + CHUNK] for row in _rows(fact)]
            columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
            stored = await self._connection.execute(_STORE, columns)
            fresh.update(map(Identity._make, stored))
        return fresh

    async def silence(self, identities: Iterable[Identity]) -> None:
        known = list(identities)
        if known:
            sources, ids = [i.source for i in known], [i.id for i in known]
            await self._connection.execute(_SILENCE, {"source": sources, "id": ids})

    async def rewrite(self, facts: Iterable[Fact]) -> None:
        given = list(facts)
        if given:
            columns = {
                "source": [fact.identity.source for fact in given],
                "id": [fact.identity.id for fact in given],
                "body": [fact.body for fact in given],
            }
            await self._connection.execute(_REWRITE, columns)


@lru_cache(maxsize=1 << 18)
def _partition(key: str) -> int:
    return partition_of(key.encode(), PARTITIONS)


def _rows(fact: Fact) -> Iterator[tuple[Any, ...]]:
    headers = None if fact.headers is None else json.dumps(dict(fact.headers), ensure_ascii=False)
    partitions = range(PARTITIONS) if fact.everywhere else (_partition(fact.key),)
    for copy, partition in enumerate(partitions):
        yield (
            fact.identity.source,
            fact.identity.id,
            copy,
            fact.topic,
            partition,
            fact.key,
            fact.type,
            fact.body,
            headers,
        )
