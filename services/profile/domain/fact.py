"""事实 — an event becomes rows: what a file of ``facts`` says of each type it takes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from services.profile.domain.finder import Finder
from services.profile.domain.table import Row, Table
from shared.contracts.dealt import Option
from shared.kernel.money import to_li
from shared.kernel.trading_day import CHINA, TradingDay

CLOSE = time(15, 0)  # 日盘收盘: where a settlement stands among the moments of its day


@dataclass(frozen=True)
class Place:
    """Where an event was read, and what finds a sealed field again."""

    partition: int
    finder: Finder


Take = Callable[[Any, Place], Iterable[Row]]
"""What an event says, as rows of its file's tables. Pure: the same event, the same rows."""


@dataclass(frozen=True)
class Facts:
    """One file of the catalogue: its tables, and event type → what is taken from it."""

    tables: tuple[Table, ...]
    takes: Mapping[str, Take]


def li(amount: Decimal | None) -> int | None:
    """Return yuan as whole 厘; what is not said stays so."""
    return None if amount is None else to_li(amount)


def closing(day: TradingDay) -> datetime:
    """Return the moment at which a day's settlement holds."""
    return datetime.combine(day, CLOSE, CHINA)


def option(said: Option | None) -> dict[str, Any]:
    """Return the columns of an option; none of them for a future."""
    if said is None:
        return {}
    return {"option_kind": said.kind, "strike": said.strike, "underlying": said.underlying}


OPTION = ("option_kind text", "strike numeric", "underlying text")
ACCOUNT = ("broker text", "account text")
DAY = "trading_day date"
