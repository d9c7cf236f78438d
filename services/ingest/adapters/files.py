"""档案表 — the files that are in, the settlements they made, and the days they closed."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.books import FileRecord
from shared.kernel.trading_day import TradingDay

FILES_LOCK = 0x67660000  # one file at a time, whoever sees it first
CHUNK = 5000

_COLUMNS = ("kind", "scope", "version", "name", "sha256", "day", "good", "bad", "notes")

_NEWEST = text(
    "SELECT * FROM files WHERE kind = :kind AND scope = :scope ORDER BY version DESC LIMIT 1"
)
_RECORD = text(
    """
    INSERT INTO files (kind, scope, version, name, sha256, day, good, bad, notes)
    VALUES (:kind, :scope, :version, :name, :sha256, :day, :good, :bad, :notes)
    """
)
_UNMOVED = text("SELECT * FROM files WHERE moved_at IS NULL ORDER BY name")
_MOVED = text(
    "UPDATE files SET moved_at = now() WHERE kind = :kind AND scope = :scope AND version = :version"
)

_SETTLED = text("SELECT account, content FROM settlements WHERE trading_day = :day")
_SETTLED_OF = text(
    "SELECT account, content FROM settlements "
    "WHERE trading_day = :day AND account = ANY (CAST(:accounts AS text[]))"
)

_SETTLED_BEFORE = text(
    "SELECT account, content FROM settlements "
    "WHERE trading_day = (SELECT max(trading_day) FROM settlements WHERE trading_day < :day)"
)

_WRITE_SETTLEMENTS = text(
    """
    INSERT INTO settlements (trading_day, account, content)
    SELECT :day, account, content
    FROM unnest(CAST(:accounts AS text[]), CAST(:contents AS text[])) AS given (account, content)
    ON CONFLICT (trading_day, account) DO UPDATE SET content = excluded.content
    """
)


class PostgresFiles:
    """See ``domain.books.Files``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self) -> None:
        lock = text("SELECT pg_advisory_xact_lock(CAST(:lock AS bigint))")
        await self._connection.execute(lock, {"lock": FILES_LOCK})

    async def newest(self, kind: str, scope: str) -> FileRecord | None:
        found = await self._connection.execute(_NEWEST, {"kind": kind, "scope": scope})
        row = found.first()
        return _record(row) if row else None

    async def record(self, record: FileRecord) -> None:
        columns = {name: getattr(record, name) for name in _COLUMNS}
        columns["notes"] = json.dumps(dict(record.notes))
        await self._connection.execute(_RECORD, columns)

    async def unmoved(self) -> Sequence[FileRecord]:
        return [_record(row) for row in await self._connection.execute(_UNMOVED)]

    async def record_moved(self, record: FileRecord) -> None:
        key = {"kind": record.kind, "scope": record.scope, "version": record.version}
        await self._connection.execute(_MOVED, key)

    async def kinds_in(self, day: date) -> set[str]:
        query = text("SELECT DISTINCT kind FROM files WHERE day = :day")
        return set((await self._connection.execute(query, {"day": day})).scalars())

    async def last_closed(self) -> TradingDay | None:
        newest = await self._connection.execute(text("SELECT max(day) FROM closed_days"))
        day: date | None = newest.scalar()
        return TradingDay(day) if day else None

    async def record_closed(self, day: TradingDay) -> None:
        query = text("INSERT INTO closed_days (day) VALUES (:day) ON CONFLICT DO NOTHING")
        await self._connection.execute(query, {"day": day})


class PostgresSettlements:
    """See ``domain.books.Settlements``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, day: date, accounts: Collection[str] | None = None) -> Mapping[str, str]:
        given = {"day": day} if accounts is None else {"day": day, "accounts": list(accounts)}
        query = _SETTLED if accounts is None else _SETTLED_OF
        rows = await self._connection.execute(query, given)
        return {row.account: row.content for row in rows}

    async def before(self, day: date) -> Mapping[str, str]:
        rows = await self._connection.execute(_SETTLED_BEFORE, {"day": day})
        return {row.account: row.content for row in rows}

    async def write(self, day: date, contents: Mapping[str, str]) -> None:
        accounts = list(contents)
        for start in range(0, len(accounts), CHUNK):
            part = accounts[start : start + CHUNK]
            columns = {"day": day, "accounts": part, "contents": [contents[a] for a in part]}
            await self._connection.execute(_WRITE_SETTLEMENTS, columns)


def _record(row: Row[Any]) -> FileRecord:
    values = {name: row._mapping[name] for name in _COLUMNS}
    return FileRecord(**{**values, "notes": json.loads(row.notes)})
