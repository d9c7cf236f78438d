"""日行表 — the rows of a day's files that were told."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.day_rows import Kept, unread
from services.ingest.domain.tally import Sums

CHUNK = 5000

_OF = text("SELECT name, content FROM day_rows WHERE trading_day = :day AND kind = :kind")

_OF_NAMES = text(
    "SELECT name, content FROM day_rows WHERE trading_day = :day AND kind = :kind "
    "AND name = ANY (CAST(:names AS text[]))"
)

_WRITE = text(
    """
    INSERT INTO day_rows (trading_day, kind, name, account, lots, fee, content)
    SELECT :day, :kind, name, account, lots, fee, content
    FROM unnest(
        CAST(:name AS text[]), CAST(:account AS text[]), CAST(:lots AS bigint[]),
        CAST(:fee AS bigint[]), CAST(:content AS text[])
    ) AS given (name, account, lots, fee, content)
    ON CONFLICT (trading_day, kind, name) DO UPDATE
    SET lots = excluded.lots, fee = excluded.fee, content = excluded.content
    """
)

_FORGET = text(
    """
    DELETE FROM day_rows
    WHERE trading_day = :day AND kind = :kind AND name = ANY (CAST(:names AS text[]))
    """
)

_SUMS = text(
    """
    SELECT account, CAST(sum(lots) AS bigint) AS lots, CAST(sum(fee) AS bigint) AS fee
    FROM day_rows
    WHERE trading_day = :day AND kind = ANY (CAST(:kinds AS text[]))
    GROUP BY account
    """
)

_HELD_BEFORE = text(
    """
    SELECT DISTINCT account FROM day_rows
    WHERE (kind = :kind AND lots > 0 OR kind = :unread)
      AND trading_day = (SELECT max(day) FROM files WHERE kind = :kind AND day < :day)
    """
)


class PostgresDayRows:
    """See ``domain.day_rows.DayRows``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(
        self, day: date, kind: str, names: Sequence[str] | None = None
    ) -> Mapping[str, str]:
        given: dict[str, Any] = {"day": day, "kind": kind}
        query = _OF if names is None else _OF_NAMES
        if names is not None:
            given["names"] = list(names)
        rows = await self._connection.execute(query, given)
        return {row.name: row.content for row in rows}

    async def write(self, day: date, kind: str, rows: Sequence[Kept]) -> None:
        for start in range(0, len(rows), CHUNK):
            columns = zip(*rows[start : start + CHUNK], strict=True)
            given = dict(zip(Kept._fields, map(list, columns), strict=True))
            await self._connection.execute(_WRITE, {"day": day, "kind": kind, **given})

    async def forget(self, day: date, kind: str, names: Sequence[str]) -> None:
        if names:
            given = {"day": day, "kind": kind, "names": list(names)}
            await self._connection.execute(_FORGET, given)

    async def sums(self, day: date, kinds: Sequence[str]) -> Sums:
        rows = await self._connection.execute(_SUMS, {"day": day, "kinds": list(kinds)})
        return {row.account: (row.lots, row.fee) for row in rows}

    async def held_before(self, day: date, kind: str) -> set[str]:
        given = {"day": day, "kind": kind, "unread": unread(kind)}
        rows = await self._connection.execute(_HELD_BEFORE, given)
        return set(rows.scalars())
