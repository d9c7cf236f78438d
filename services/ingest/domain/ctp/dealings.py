"""成交流与报单流 — trades, and the orders by which the broker closes a client's positions."""

from decimal import Decimal
from typing import TypeVar

from services.ingest.domain.ctp.desk import Desk, Unused
from services.ingest.domain.ctp.records import Arrival, Order, Trade
from services.ingest.domain.rows import BadRow
from shared.contracts import dealings
from shared.contracts.dealings import Offset, TradeExecuted
from shared.contracts.trading import ForcedOrder, OrderForceClosed, OrderStatus
from shared.kernel.trading_day import TradingDay

DIRECTIONS = {"0": "buy", "1": "sell"}
OFFSETS = {
    "0": Offset.OPEN,
    "1": Offset.CLOSE,
    "2": Offset.FORCE_CLOSE,
    "3": Offset.CLOSE_TODAY,
    "4": Offset.CLOSE_YESTERDAY,
    "5": Offset.FORCE_OFF,
    "6": Offset.FORCE_CLOSE,  # 本地强平
}
HEDGES = {
    "1": "speculation",
    "2": "arbitrage",
    "3": "hedge",
    "5": "market-making",
    "6": "speculation",  # 第一腿投机
    "7": "hedge",  # 第一腿套保
}
STATUSES = {
    "0": OrderStatus.FILLED,
    "1": OrderStatus.PARTLY_FILLED,
    "2": OrderStatus.PARTLY_FILLED,  # 不在队列 is no end: 撤单 is told by 5
    "3": OrderStatus.OPEN,
    "4": OrderStatus.OPEN,
    "5": OrderStatus.CANCELLED,
    "a": OrderStatus.OPEN,
    "b": OrderStatus.OPEN,
    "c": OrderStatus.OPEN,
}
REFUSED = "4"  # OrderSubmitStatus 报单已经被拒绝
FORCED_OFFSETS = {"2", "5", "6"}
NOT_FORCED, OTHER = "0", "6"  # ForceCloseReason 非强平, 其它
V = TypeVar("V")


def traded(arrival: Arrival, record: Trade, desk: Desk) -> TradeExecuted:
    """Return the trade; its name is the one that the day's file settles it under."""
    fact = desk.fact(arrival, record)
    at = desk.moment(fact["trading_day"], record.trade_time, arrival)
    direction = _known(DIRECTIONS, record.direction, "Direction")
    trade_id = record.trade_id
    name = f"{record.exchange_id}/{trade_id}/{direction}/{fact['account']}"
    data = dealings.Trade(
        **fact,
        exchange=record.exchange_id,
        instrument=record.instrument_id,
        trade_id=trade_id,
        order_id=_order_id(record, fact["trading_day"]),
        direction=direction,
        offset=_known(OFFSETS, record.offset_flag, "OffsetFlag"),
        hedge=_known(HEDGES, record.hedge_flag, "HedgeFlag"),
        lots=record.volume,
        price=record.price,
        executed_at=at,
    )
    return TradeExecuted(**desk.head(arrival, fact, name), time=at, data=data)


def forced(arrival: Arrival, record: Order, desk: Desk) -> OrderForceClosed:
    """Return the state of a forced-liquidation order; any other order is ``Unused``."""
    reason = _reason(record)
    fact = desk.fact(arrival, record)
    day: TradingDay = fact["trading_day"]
    told = record.cancel_time if record.order_status == "5" else record.update_time
    at = desk.moment(day, told or record.insert_time, arrival)
    order_id = _order_id(record, day)
    if order_id is None:
        raise BadRow("BrokerOrderSeq", "the order has no number of any kind")
    data = ForcedOrder(
        **fact,
        order_id=order_id,
        exchange=record.exchange_id,
        instrument=record.instrument_id,
        direction=_known(DIRECTIONS, record.direction, "Direction"),
        lots=record.volume_total_original,
        filled=record.volume_traded,
        price=record.limit_price or Decimal(0),  # 任意价 has none
        reason=reason,
        status=_status(record),
        at=at,
    )
    return OrderForceClosed(
        **desk.head(arrival, fact, _state(record, order_id)), time=at, data=data
    )


def _reason(record: Order) -> str:
    reason = record.force_close_reason or NOT_FORCED
    if reason != NOT_FORCED:
        return reason
    if record.comb_offset_flag[:1] in FORCED_OFFSETS:
        return OTHER
    raise Unused("not-forced")


def _status(record: Order) -> OrderStatus:
    if record.order_submit_status == REFUSED:
        return OrderStatus.REJECTED
    status = _known(STATUSES, record.order_status, "OrderStatus")
    if status is OrderStatus.OPEN and record.volume_traded:
        return OrderStatus.PARTLY_FILLED
    return status


def _state(record: Order, order_id: str) -> str:
    """Return the name of an order's state: its number, or what it says where there is none."""
    if record.uniq_sequence_no:
        return str(record.uniq_sequence_no)
    told = (record.order_submit_status, record.order_status, record.volume_traded)
    return "/".join((order_id, *map(str, told), record.update_time or record.insert_time))


def _order_id(record: Order | Trade, day: TradingDay) -> str | None:
    """Return the order's name: the broker's own number has been there since it was placed."""
    if record.broker_order_seq:
        return f"{day}/{record.broker_order_seq}"
    if isinstance(record, Order) and record.order_ref and record.session_id:
        return f"{day}/{record.front_id}/{record.session_id}/{record.order_ref}"
    if record.order_sys_id:
        return f"{day}/{record.exchange_id}/{record.order_sys_id}"
    return None


def _known(table: dict[str, V], char: str, place: str) -> V:
    if char not in table:
        raise BadRow(place, f"unknown: {char!r}")
    return table[char]
