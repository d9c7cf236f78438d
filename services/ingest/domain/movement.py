"""出入金 — one movement of money as ingest remembers it, so that it is told once."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from services.ingest.domain.fact import Identity
from shared.contracts.trading import Funds
from shared.kernel.trading_day import TradingDay

Direction = Literal["deposit", "withdrawal"]
Origin = Literal["stream", "file"]


@dataclass(frozen=True, slots=True)
class Key:
    """What a stream event and a file row of the same movement have in common."""

    account: str
    trading_day: date
    direction: Direction
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement that was told to the log.

    ``standing``: not taken back; ``undone_by``: who took it back. ``vouched``: the day of the file
    that has a row for it. ``alias``: the serial under which the stream told a file's movement
    later. ``reverses``: the serial of an earlier day's movement that this one takes back.
    """

    key: Key
    serial: str
    told_as: Identity
    origin: Origin
    standing: bool = True
    vouched: date | None = None
    alias: str | None = None
    reverses: str | None = None
    undone_by: Origin | None = None

    def vouched_by(self, day: date) -> "Movement":
        """Return it as a movement that a day's file has a row for."""
        return replace(self, vouched=day)

    def taken_back(self, by: Origin = "file") -> "Movement":
        """Return it as a movement that no longer stands."""
        return replace(self, standing=False, undone_by=by)


OPPOSITE: dict[Direction, Direction] = {"deposit": "withdrawal", "withdrawal": "deposit"}


def reversal_key(funds: Funds, of: Direction) -> Key:
    """Return the key of the money that a reversal moves back, on the reversal's own day."""
    return key_of(funds, OPPOSITE[of])


def key_of(funds: Funds, direction: Direction) -> Key:
    """Return the key of a movement told by the stream."""
    day: TradingDay = funds.trading_day
    return Key(funds.account, day, direction, funds.amount, funds.currency)
