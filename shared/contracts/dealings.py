"""What was dealt and held: trades, positions, fees, deliveries. Topic ``futures.account.v1``.

A stream tells a trade once as it happens (``trade.executed``); the day's file settles it with its
fee and profit (``trade.settled``). Both name it by trading day, exchange, ``trade_id`` and
``direction``. Lots are 手, money is 元 exact to 厘, a price is 元 to six decimals.

A file's record told again with other figures replaces the one before it. One that a replacement
file no longer has is told a last time as it was, with ``cancelled``: it never happened.
"""

from typing import Literal

from shared.contracts.dealt import (
    CloseOut,
    Dealt,
    Delivery,
    Direction,
    Exchange,
    Fee,
    Hedge,
    Holding,
    HoldingSnapshot,
    HoldingsSettlement,
    Offset,
    Option,
    Side,
    Trade,
    TradeSettlement,
)
from shared.contracts.event import Event

__all__ = [
    "CloseOut",
    "DealingEvent",
    "Dealt",
    "Delivery",
    "Direction",
    "Exchange",
    "Fee",
    "FeeCharged",
    "Hedge",
    "Holding",
    "HoldingSnapshot",
    "HoldingsSettlement",
    "Offset",
    "Option",
    "OrderClosedOut",
    "PositionDelivered",
    "PositionSnapshotted",
    "PositionsSettled",
    "Side",
    "Trade",
    "TradeExecuted",
    "TradeSettled",
    "TradeSettlement",
]


class TradeExecuted(Event):
    """成交回报."""

    type: Literal["trade.executed"] = "trade.executed"
    data: Trade


class TradeSettled(Event):
    """成交结算."""

    type: Literal["trade.settled"] = "trade.settled"
    data: TradeSettlement


class PositionSnapshotted(Event):
    """盘中持仓."""

    type: Literal["position.snapshotted"] = "position.snapshotted"
    data: HoldingSnapshot


class PositionsSettled(Event):
    """结算持仓."""

    type: Literal["positions.settled"] = "positions.settled"
    data: HoldingsSettlement


class OrderClosedOut(Event):
    """平仓明细."""

    type: Literal["order.closed-out"] = "order.closed-out"
    data: CloseOut


class PositionDelivered(Event):
    """交割."""

    type: Literal["position.delivered"] = "position.delivered"
    data: Delivery


class FeeCharged(Event):
    """其他资金."""

    type: Literal["fee.charged"] = "fee.charged"
    data: Fee


DealingEvent = (
    TradeExecuted
    | TradeSettled
    | PositionSnapshotted
    | PositionsSettled
    | OrderClosedOut
    | PositionDelivered
    | FeeCharged
)
