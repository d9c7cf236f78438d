"""出入金表 — the movements of money that were told, under a lock per trading day."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.adapters import movements_sql as sql
from services.ingest.domain.fact import Identity
from services.ingest.domain.matching import Early, FundsEvent, Met, Remembered
from services.ingest.domain.movement import Key, Movement, key_of
from shared.contracts.trading import FundsDeposited, FundsReversed


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
        moves = [e for e in events if not isinstance(e, FundsReversed)]
        undone = [e for e in events if isinstance(e, FundsReversed)]
        keys = [
            key_of(e.data, "deposit" if isinstance(e, FundsDeposited) else "withdrawal")
            for e in moves
        ]
        found: dict[Identity, Movement] = {}
        early: frozenset[Early] = frozenset()
        if moves:
            rows = await self._connection.execute(sql.UNTOLD_ROWS, _key_columns(keys))
            found |= {m.told_as: m for m in map(_movement, rows)}
            arrived = [Early(e.data.account, e.data.trading_day, e.data.serial) for e in moves]
            waiting = await self._connection.execute(sql.EARLY, _early_columns(arrived))
            early = frozenset(Early(*row) for row in waiting)
        if undone:
            named = {
                "account": [e.data.account for e in undone],
                "serial": [e.data.reverses for e in undone],
            }
            rows = await self._connection.execute(sql.NAMED, named)
            found |= {m.told_as: m for m in map(_movement, rows)}
        return Remembered(tuple(found.values()), early)

    async def write_met(self, met: Met) -> None:
        await self.write(met.told, met.changed)
        if met.early:
            await self._connection.execute(sql.NOTE_EARLY, _early_columns(met.early))
        if met.met_early:
            await self._connection.execute(sql.MEET_EARLY, _early_columns(met.met_early))

    async def standing(self, day: date, days: Iterable[date]) -> Sequence[Movement]:
        rows = await self._connection.execute(sql.STANDING, {"day": day, "days": sorted(days)})
        return [_movement(row) for row in rows]

    async def write(self, told: Sequence[Movement], changed: Sequence[Movement]) -> None:
        if told:
            await self._connection.execute(sql.TELL, [_columns(m) for m in told])
        if changed:
            await self._connection.execute(sql.CHANGE, [_columns(m) for m in changed])


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


def _columns(movement: Movement) -> dict[str, Any]:
    key = movement.key
    return {
        "account": key.account,
        "trading_day": key.trading_day,
        "direction": key.direction,
        "amount": key.amount,
        "currency": key.currency,
        "serial": movement.serial,
        "told_source": movement.told_as.source,
        "told_id": movement.told_as.id,
        "origin": movement.origin,
        "standing": movement.standing,
        "vouched": movement.vouched,
        "alias": movement.alias,
    }


def _movement(row: Row[Any]) -> Movement:
    return Movement(
        Key(row.account, row.trading_day, row.direction, row.amount, row.currency),
        row.serial,
        Identity(row.told_source, row.told_id),
        row.origin,
        row.standing,
        row.vouched,
        row.alias,
    )
