"""规范化 — rows of files become canonical events.

The log's ``time`` of a file's event is the statement's, 15:15 in China on the file's day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from services.ingest.domain.fact import OWN_SOURCES, Fact, account_fact, digest
from services.ingest.domain.movement import OPPOSITE, Direction, Key, Movement
from services.ingest.domain.sources.fundchg import FundsRow
from shared.contracts.event import Event
from shared.contracts.trading import (
    CLOCK_SUBJECT,
    ClockTicked,
    DayClose,
    DayClosed,
    Funds,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
    Reversal,
    Tick,
    account_key,
)
from shared.kernel.money import to_li
from shared.kernel.trading_day import CHINA, TradingDay

STATEMENT = time(15, 15)
UNKNOWN_TIME = time(0, 0)


@dataclass(frozen=True)
class Edition:
    """One version of a day's file, counted from 1; ``told_by``: the kind of file it is of."""

    day: TradingDay
    version: int
    told_by: str = "fundchg"


def statement_time(day: TradingDay) -> datetime:
    """Return the moment a day's files speak of."""
    return datetime.combine(day, STATEMENT, CHINA)


def row_key(row: FundsRow) -> Key:
    """Return what a row has in common with a stream event of the same movement."""
    direction: Direction = "deposit" if row.amount > 0 else "withdrawal"
    return Key(row.account, row.trading_day, direction, abs(row.amount), row.currency)


def moved(broker: str, row: FundsRow, edition: Edition, number: int) -> Fact:
    """入金或出金 — the movement a row tells; ``number`` counts equal rows of one edition from 0."""
    key = row_key(row)
    content = digest([key.account, key.trading_day, key.direction, to_li(key.amount), key.currency])
    name = f"{edition.day}/{edition.version}/{content[:16]}/{number}"
    happened_at = datetime.combine(row.happened_on, UNKNOWN_TIME, CHINA)
    money = _money(broker, key, f"{edition.told_by}/{name}")
    data = Funds(**money, happened_at=happened_at, channel=row.channel)
    return _told(_MOVES[key.direction], name, data, edition)


def taken_back(broker: str, movement: Movement, edition: Edition) -> Fact:
    """冲正 — the day's file has no row for a movement that was told.

    What took an earlier day's movement back is undone by telling that movement once more.
    """
    key, at = movement.key, statement_time(edition.day)
    told_as = digest([movement.told_as.source, movement.told_as.id])
    name = f"{edition.day}/{edition.version}/takes-back/{told_as}"
    money = _money(broker, key, f"{edition.told_by}/{name}")
    if movement.reverses:
        again = _MOVES[OPPOSITE[key.direction]]
        return _told(again, name, Funds(**money, happened_at=at), edition)
    whose = {"reverses": movement.serial, "direction": key.direction}
    return _told(FundsReversed, name, Reversal(**money, happened_at=at, **whose), edition)


_MOVES: dict[Direction, type[FundsDeposited] | type[FundsWithdrawn]] = {
    "deposit": FundsDeposited,
    "withdrawal": FundsWithdrawn,
}


def _money(broker: str, key: Key, serial: str) -> dict[str, Any]:
    return {
        "broker": broker,
        "account": key.account,
        "trading_day": TradingDay(key.trading_day),
        "source": "file",
        "amount": key.amount,
        "currency": key.currency,
        "serial": serial,
    }


def _told(kind: Callable[..., Event], name: str, data: Funds, edition: Edition) -> Fact:
    return account_fact(
        kind(
            id=name,
            source=f"{OWN_SOURCES}{edition.told_by}",
            subject=account_key(data.broker, data.account),
            time=statement_time(edition.day),
            data=data,
        )
    )


def day_closed(broker: str, day: TradingDay) -> Fact:
    """日终 — every file of the day is in."""
    return account_fact(
        DayClosed(
            id=str(day),
            source=f"{OWN_SOURCES}day",
            subject=CLOCK_SUBJECT,
            time=statement_time(day),
            data=DayClose(broker=broker, trading_day=day),
        )
    )


def ticked(broker: str, minute: datetime, day: TradingDay, heard: Mapping[str, datetime]) -> Fact:
    """A minute of the wall's clock; ``heard``: source → when it last told something."""
    local = minute.astimezone(CHINA)
    moments = {source: at.astimezone(CHINA) for source, at in heard.items()}
    return account_fact(
        ClockTicked(
            id=local.strftime("%Y-%m-%dT%H:%M"),
            source=f"{OWN_SOURCES}clock",
            subject=CLOCK_SUBJECT,
            time=local,
            data=Tick(broker=broker, trading_day=day, at=local, heard=moments),
        )
    )
