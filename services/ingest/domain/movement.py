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

    ``standing``: not taken back. ``vouched``: the day of the file that has a row for it.
    ``alias``: the serial under which the stream told a file's movement later.
    """

    key: Key
    serial: str
    told_as: Identity
    origin: Origin
    standing: bool = True
    vouched: date | None = None
    alias: str | None = None

    def vouched_by(self, day: date) -> "Movement":
        """Return it as a movement that a day's file has a row for."""
        return replace(self, vouched=day)

    def taken_back(self) -> "Movement":
        """Return it as a movement that no longer stands."""
        return replace(self, standing=False)


def key_of(funds: Funds, direction: Direction) -> Key:
    """Return the key of a movement told by the stream."""
    day: TradingDay = funds.trading_day
    return Key(funds.account, day, direction, funds.amount, funds.currency)
