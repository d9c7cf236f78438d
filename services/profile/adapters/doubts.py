"""存疑的账户 — what is missing of the nights that are computed, for the command and the metric."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

DOUBTS: Mapping[str, str] = {
    "result": "盈亏得不出 · the day's result is unknown",
    "settlement": "前一交易日有结算、当天没有 · settled the day before, not on this day",
}
"""Doubt → what is missing."""
_OPEN = text(
    "SELECT trading_day AS day, doubt, accounts FROM night_doubts WHERE broker = :broker"
    " AND accounts > 0 AND trading_day = ANY (CAST(:days AS date[])) ORDER BY trading_day, doubt"
)
_NEWEST = text(
    "SELECT doubt, accounts FROM night_doubts WHERE broker = :broker AND trading_day ="
    " (SELECT max(trading_day) FROM night_doubts WHERE broker = :broker)"
)


class Doubt(NamedTuple):
    """Of how many accounts something is missing on a day."""

    day: date
    doubt: str
    accounts: int


async def doubts(connection: AsyncConnection, broker: str, days: Sequence[date]) -> Sequence[Doubt]:
    """Return what is doubtful of some days."""
    asked = {"broker": broker, "days": list(days)}
    return [Doubt(*row) for row in await connection.execute(_OPEN, asked)]


async def newest(connection: AsyncConnection, broker: str) -> Mapping[str, int]:
    """Return doubt → accounts, of the newest night that is computed."""
    return {
        row.doubt: row.accounts for row in await connection.execute(_NEWEST, {"broker": broker})
    }
