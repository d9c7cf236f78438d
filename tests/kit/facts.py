"""Events of the public contract as a person would say them: ``withdrew(600_000)``.

Amounts are in 元. Everything happens to one client of one broker, on one day, unless said
otherwise; any field of the body can be given by name. Each call is another event, with an id of its
own.
"""

from datetime import date, datetime, time
from itertools import count
from typing import Any, TypeVar

from shared.contracts import trading
from shared.contracts.event import Event
from shared.kernel.trading_day import CHINA, china

BROKER, ACCOUNT = "demo", "80012345"
CLIENT = f"{BROKER}:{ACCOUNT}"
DAY = date(2026, 6, 1)  # a Monday: its night session is Friday 29 May, 21:00
YESTERDAY, TOMORROW = date(2026, 5, 29), date(2026, 6, 2)
Yuan = int | str
E = TypeVar("E", bound=Event)
_numbers = count(1)


def moment(day: date, at: str) -> datetime:
    """Return a moment in Shanghai."""
    return datetime.combine(day, time.fromisoformat(at), CHINA)


def withdrew(amount: Yuan, day: date = DAY, **given: Any) -> trading.FundsWithdrawn:
    """出金."""
    return _about(trading.FundsWithdrawn, day, **_funds(amount, day), **given)


def deposited(amount: Yuan, day: date = DAY, **given: Any) -> trading.FundsDeposited:
    """入金."""
    return _about(trading.FundsDeposited, day, **_funds(amount, day), **given)


def took_back(
    amount: Yuan, day: date = DAY, direction: str | None = "withdrawal", **given: Any
) -> trading.FundsReversed:
    """冲正 of a withdrawal, unless ``direction`` says otherwise."""
    more = {"reverses": "s0", "direction": direction, **given}
    return _about(trading.FundsReversed, day, **_funds(amount, day), **more)


def settled(
    equity: Yuan = 1_000_000, day: date = DAY, available: Yuan | None = None, **given: Any
) -> trading.AccountSettled:
    """日终结算; all of the equity is available unless said otherwise."""
    free = equity if available is None else available
    body = {"equity": f"{equity}", "available": f"{free}", **_texts(given)}
    return _about(trading.AccountSettled, day, **body)


def snapshotted(
    equity: Yuan, at: datetime, available: Yuan | None = None, **given: Any
) -> trading.AccountSnapshotted:
    """盘中资金; all of the equity is available unless said otherwise."""
    free = equity if available is None else available
    body = {"equity": f"{equity}", "available": f"{free}", "at": at, **_texts(given)}
    return _about(trading.AccountSnapshotted, china().at(at), **body)


def ordered(
    at: datetime, filled: int = 0, status: str = "open", **given: Any
) -> trading.OrderForceClosed:
    """强平单 F1: sell 5 lots of rb2610 for lack of funds."""
    side = {"exchange": "SHFE", "instrument": "rb2610", "direction": "sell", "price": "3120"}
    body = {"order_id": "F1", "lots": 5, "reason": "1", **side, **given}
    body |= {"filled": filled, "status": status, "at": at}
    return _about(trading.OrderForceClosed, china().at(at), **body)


def baselined(opened_on: date, day: date = YESTERDAY, **given: Any) -> trading.AccountBaselined:
    """账户基线."""
    return _about(trading.AccountBaselined, day, opened_on=opened_on, **given)


def agreed(
    ends_on: date | None, day: date = YESTERDAY, kind: str = "交返", **given: Any
) -> trading.AgreementRecorded:
    """协议."""
    return _about(trading.AgreementRecorded, day, kind=kind, ends_on=ends_on, **given)


def ticked(at: datetime, broker: str = BROKER, **heard: datetime) -> trading.ClockTicked:
    """A minute has passed; ``heard``: source → moment of its last record."""
    body = {"broker": broker, "trading_day": china().at(at), "at": at, "heard": heard}
    return _event(trading.ClockTicked, "clock", at, body)


def closed(day: date = DAY, broker: str = BROKER) -> trading.DayClosed:
    """收市 — the day's files are all in."""
    body = {"broker": broker, "trading_day": day}
    return _event(trading.DayClosed, "clock", moment(day, "17:30"), body)


def _about(type_: type[E], day: date, /, **body: Any) -> E:
    fact = {"broker": BROKER, "account": ACCOUNT, "trading_day": day, **body}
    return _event(type_, f"{fact['broker']}:{fact['account']}", moment(day, "10:31"), fact)


def _event(type_: type[E], subject: str, at: datetime, body: dict[str, Any]) -> E:
    event = {"id": f"e{next(_numbers)}", "source": "tests", "subject": subject, "time": at}
    return type_.model_validate({**event, "data": body})


def _funds(amount: Yuan, day: date) -> dict[str, Any]:
    return {"amount": f"{amount}", "happened_at": moment(day, "10:31"), "serial": "s1"}


def _texts(given: dict[str, Any]) -> dict[str, Any]:
    """Write money as the wire does; lots stay numbers."""
    kept = ("lots", "rehearsal", "backfill")
    return {
        name: value if value is None or name.endswith(kept) else f"{value}"
        for name, value in given.items()
    }
