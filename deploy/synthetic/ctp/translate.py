"""译成柜台记录 — the broker's events as a counter would tell them: CTP's structs and chars."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from deploy.synthetic.ctp.front import BROKER_ID
from shared.contracts.stream import STREAM, StreamEvent
from shared.contracts.trading import (
    AccountFact,
    AccountSnapshotted,
    ForcedOrder,
    FundsChannel,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
    OrderForceClosed,
    OrderStatus,
    Snapshot,
)
from shared.kernel.trading_day import CHINA

UNSET = 1.7976931348623157e308
STATUSES = {
    OrderStatus.OPEN: ("3", "3"),
    OrderStatus.PARTLY_FILLED: ("3", "1"),
    OrderStatus.FILLED: ("3", "0"),
    OrderStatus.CANCELLED: ("3", "5"),
    OrderStatus.REJECTED: ("4", "5"),
}
"""Status → OrderSubmitStatus, OrderStatus."""
DIRECTIONS = {"deposit": "1", "withdrawal": "2"}
SIDES = {"buy": "0", "sell": "1"}
SERIAL_DIGITS, ORDER_DIGITS = 14, 9


class Struct(NamedTuple):
    """A callback and what its struct holds."""

    call: str
    day: str
    fields: dict[str, Any]


def translated(event: dict[str, Any]) -> Struct | None:
    """Return an event as a struct; None for what no counter tells, or nobody should."""
    try:
        found = STREAM.validate_python(event)
    except ValidationError:
        return None
    made = _MAKERS.get(type(found))
    if made is None or not isinstance(found.data, AccountFact):
        return None
    if isinstance(found, FundsReversed) and found.data.direction is None:
        return None  # no record of a counter is without a direction
    whose = {"BrokerID": BROKER_ID, "InvestorID": found.data.account}
    day = f"{found.data.trading_day:%Y%m%d}"
    call, fields = made(found)
    dated = {} if isinstance(found, AccountSnapshotted) else {"TradingDay": day}
    return Struct(call, day, whose | dated | fields)


def notice(day: str) -> Struct:
    """Return a risk notification of class 0, 正常: the last of each minute."""
    fields = {"BrokerID": BROKER_ID, "InvestorID": "0", "TradingDay": day, "NotifyClass": "0"}
    return Struct("OnRtnSeqRiskNotifyB", day, fields)


def _moved(event: Any) -> tuple[str, dict[str, Any]]:
    funds, kind = event.data, "withdrawal" if isinstance(event, FundsWithdrawn) else "deposit"
    back = isinstance(event, FundsReversed)
    return "OnRtnSeqDeposit", {
        "Type": "1" if funds.channel is FundsChannel.MANUAL else "2",
        "Flag": "2" if back else "1",
        "Direction": DIRECTIONS[funds.direction if back else kind],
        "SequenceNo": _digits(funds.reverses if back else funds.serial, SERIAL_DIGITS),
        "Time": _clock(funds.happened_at),
        "Amount": float(funds.amount),
        "CurrencyID": funds.currency,
    }


def _state(event: Any) -> tuple[str, dict[str, Any]]:
    funds: Snapshot = event.data
    figures = {
        "Balance": funds.equity,
        "Available": funds.available,
        "CurrMargin": funds.margin,
        "ExchangeMargin": funds.exchange_margin,
        "CloseProfit": funds.close_profit,
        "PositionProfit": funds.position_profit,
        "Commission": funds.commission,
        "Deposit": funds.deposit,
        "Withdraw": funds.withdrawal,
    }
    doubles = {name: UNSET if told is None else float(told) for name, told in figures.items()}
    return "OnRtnRiskSyncAccount", {**doubles, "CurrencyID": "CNY"}


def _order(event: Any) -> tuple[str, dict[str, Any]]:
    order: ForcedOrder = event.data
    submitted, status = STATUSES[order.status]
    at = _clock(order.at)
    return "OnRtnSequencialOrder", {
        "InstrumentID": order.instrument,
        "ExchangeID": order.exchange,
        "OrderRef": "",
        "OrderSysID": "",
        "FrontID": 0,
        "SessionID": 0,
        "BrokerOrderSeq": int(_digits(order.order_id, ORDER_DIGITS)),
        "Direction": SIDES[order.direction],
        "CombOffsetFlag": "1",
        "LimitPrice": float(order.price),
        "VolumeTotalOriginal": order.lots,
        "VolumeTraded": order.filled,
        "ForceCloseReason": order.reason,
        "OrderSubmitStatus": submitted,
        "OrderStatus": status,
        "InsertTime": at,
        "UpdateTime": at,
        "CancelTime": "",
    }


_MAKERS: dict[type[StreamEvent], Callable[[Any], tuple[str, dict[str, Any]]]] = {
    FundsDeposited: _moved,
    FundsWithdrawn: _moved,
    FundsReversed: _moved,
    AccountSnapshotted: _state,
    OrderForceClosed: _order,
}


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%H:%M:%S}"


def _digits(name: str, count: int) -> str:
    """Return the number that the counter gives to what we call by a name."""
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    return f"{number % (10**count - 1) + 1:0{count}}"
