"""出入金表 — the movements of money that were told, under a lock per trading day."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.adapters import movements_sql as sql
from services.ingest.domain.fact import Identity
from services.ingest.domain.matching import Early, FundsEvent, Met, Remembered
from services.ingest.domain.movement import Key, Movement, key_of
from shared.contracts.trading import FundsDeposited, FundsReversed, FundsWithdrawn


class PostgresMovements:
    """See ``domain.books.Movements``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, days: Iterable[date], alone: bool) -> None:
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        ordered = sorted(day.toordinal() for day in days)
        if ordered:
            await self._connection.execute(
                text(sql.HOLD.format(lock=lock)), {"class": sql.DAY_LOCK, "days": ordered}
            )

    async def remembered(self, events: Sequence[FundsEvent]) -> Remembered:
        found: dict[Identity, Movement] = {}
        keys = [key for event in events for key in _keys(event)]
        rows = await self._connection.execute(sql.UNTOLD_ROWS, _key_columns(keys))
        found |= {m.told_as: m for m in map(_movement, rows)}
        named = {
            "account": [e.data.account for e in events],
            "serial": [_named(e) for e in events],
        }
        rows = await self._connection.execute(sql.NAMED, named)
        found |= {m.told_as: m for m in map(_movement, rows)}
        moves = [e for e in events if not isinstance(e, FundsReversed)]
        early: frozenset[Early] = frozenset()
        if moves:
            arrived = [Early(e.data.account, e.data.trading_day, e.data.serial) for e in moves]
            waiting = await self._connection.execute(sql.EARLY, _early_columns(arrived))
            early = frozenset(Early(*row) for row in waiting)
        return Remembered(tuple(found.values()), early)

    async def write_met(self, met: Met) -> None:
        await self.write(met.told, met.changed)
        if met.early:
            await self._connection.execute(sql.NOTE_EARLY, _early_columns(met.early))
        if met.met_early:
            await self._connection.execute(sql.MEET_EARLY, _early_columns(met.met_early))

    async def of_days(
        self, day: date, days: Iterable[date], accounts: Collection[str] | None = None
    ) -> Sequence[Movement]:
        given: dict[str, Any] = {"day": day, "days": sorted(days)}
        query = sql.OF_DAYS if accounts is None else sql.OF_ACCOUNTS
        if accounts is not None:
            given["accounts"] = sorted(accounts)
        rows = await self._connection.execute(query, given)
        return [_movement(row) for row in rows]

    async def write(self, told: Sequence[Movement], changed: Sequence[Movement]) -> None:
        if told:
            await self._connection.execute(sql.TELL, _columns(told))
        if changed:
            await self._connection.execute(sql.CHANGE, _columns(changed))


def _keys(event: FundsEvent) -> Iterator[Key]:
    """Return what a file's row of it would have; a reversal may leave its direction out."""
    match event:
        case FundsDeposited():
            yield key_of(event.data, "deposit")
        case FundsWithdrawn():
            yield key_of(event.data, "withdrawal")
        case FundsReversed():
            yield key_of(event.data, "deposit")
            yield key_of(event.data, "withdrawal")


def _named(event: FundsEvent) -> str:
    return event.data.reverses if isinstance(event, FundsReversed) else event.data.serial


def _key_columns(keys: Sequence[Key]) -> dict[str, list[Any]]:
    return {
        "account": [key.account for key in keys],
        "day": [key.trading_day for key in keys],
        "direction": [key.direction for key in keys],
        "amount": [key.amount for key in keys],
        "currency": [key.currency for key in keys],
    }


def _early_columns(early: Iterable[Early]) -> dict[str, list[Any]]:
    ordered = sorted(early, key=lambda e: (e.account, e.trading_day, e.serial))
    return {
        "account": [e.account for e in ordered],
        "day": [e.trading_day for e in ordered],
        "serial": [e.serial for e in ordered],
    }


def _columns(movements: Sequence[Movement]) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {
        "serial": [m.serial for m in movements],
        "told_source": [m.told_as.source for m in movements],
        "told_id": [m.told_as.id for m in movements],
        "origin": [m.origin for m in movements],
        "standing": [m.standing for m in movements],
        "vouched": [m.vouched for m in movements],
        "alias": [m.alias for m in movements],
        "reverses": [m.reverses for m in movements],
        "undone_by": [m.undone_by for m in movements],
    }
    return _key_columns([m.key for m in movements]) | told


def _movement(row: Row[Any]) -> Movement:
    return Movement(
        Key(row.account, row.trading_day, row.direction, row.amount, row.currency),
        row.serial,
        Identity(row.told_source, row.told_id),
        row.origin,
        row.standing,
        row.vouched,
        row.alias,
        row.reverses,
        row.undone_by,
    )
