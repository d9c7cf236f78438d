"""差异表 — how far sources have counted, the newest snapshots, and a day's differences."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.adapters import reconciliation_sql as sql
from services.ingest.domain.conflation import MINUTE, Kept, State
from services.ingest.domain.reconciling import Difference, Kind, Late, StateName
from services.ingest.domain.sequence import Range, Track
from shared.kernel.trading_day import TradingDay

MOST_DUE: Final = 5000  # snapshots let go at once


class PostgresReconciliation:
    """See ``domain.reconciling.Reconciliation``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def tracks(self, sources: Iterable[str]) -> Mapping[str, Track]:
        named = {"sources": sorted(sources)}
        await self._connection.execute(sql.SOURCES, named)
        rows = await self._connection.execute(sql.TRACKS, named)
        return {row.source: _track(row) for row in rows if row.last >= 0}

    async def write_tracks(self, tracks: Mapping[str, Track]) -> None:
        for source, track in tracks.items():
            columns = {
                "source": source,
                "first": track.first,
                "last": track.last,
                "missing": _written(track.missing),
                "gaps": track.gaps,
                "late": track.late,
            }
            await self._connection.execute(sql.WRITE_TRACK, columns)

    async def states(self, names: Iterable[StateName]) -> Mapping[StateName, Kept]:
        wanted = list(names)
        columns = {"day": [n.day for n in wanted], "name": [n.name for n in wanted]}
        return _states(await self._connection.execute(sql.STATES, columns))

    async def write_states(self, states: Mapping[StateName, Kept]) -> None:
        ordered = sorted(states)  # always in this order: no two wait for each other
        kept = [states[name] for name in ordered]
        columns = {
            "day": [name.day for name in ordered],
            "name": [name.name for name in ordered],
            "account": [name.account for name in ordered],
            "told": [one.told.body for one in kept],
            "held": [one.held.body if one.held else None for one in kept],
            "told_at": [one.told.at for one in kept],
        }
        if ordered:
            await self._connection.execute(sql.WRITE_STATES, columns)

    async def due(self, now: datetime) -> Mapping[StateName, Kept]:
        asked = {"before": now - MINUTE, "most": MOST_DUE}
        return _states(await self._connection.execute(sql.DUE, asked))

    async def closed_among(self, days: Iterable[date]) -> set[date]:
        found = await self._connection.execute(sql.CLOSED, {"days": sorted(days)})
        return set(found.scalars())

    async def told_of(self, day: date) -> set[str]:
        found = await self._connection.execute(sql.TOLD_OF, {"day": day})
        return set(found.scalars())

    async def note_late(self, late: Sequence[Late]) -> None:
        columns = {
            "day": [one.day for one in late],
            "account": [one.account for one in late],
            "type": [one.type for one in late],
            "id": [one.id for one in late],
        }
        if late:
            await self._connection.execute(sql.NOTE_LATE, columns)

    async def draw_up(self, day: TradingDay) -> Mapping[Kind, int]:
        asked = {"day": day}
        for statement in (sql.FORGET, sql.MOVEMENTS, sql.BALANCES, sql.LOTS, sql.GAPS):
            await self._connection.execute(statement, asked)
        rows = await self._connection.execute(sql.COUNTS, asked)
        return {Kind(row.kind): row.found for row in rows}

    async def of(self, day: date) -> Sequence[Difference]:
        rows = await self._connection.execute(sql.OF, {"day": day})
        return [
            Difference(row.day, Kind(row.kind), row.account, row.what, row.told, row.settled)
            for row in rows
        ]


def _states(rows: Iterable[Row[Any]]) -> dict[StateName, Kept]:
    return {
        StateName(row.trading_day, row.name, row.account): Kept(
            State.recalled(row.told), State.recalled(row.held) if row.held else None
        )
        for row in rows
    }


def _track(row: Row[Any]) -> Track:
    return Track(row.first, row.last, _read(row.missing), row.gaps, row.late)


def _written(missing: Sequence[Range]) -> str:
    return ",".join(f"{first}-{last}" for first, last in missing)


def _read(missing: str) -> tuple[Range, ...]:
    pairs = (part.split("-") for part in missing.split(",") if part)
    return tuple((int(first), int(last)) for first, last in pairs)
