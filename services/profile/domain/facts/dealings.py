"""成交 — trades, what they closed, deliveries and fees, as they were settled or stand now."""

from collections.abc import Iterator

from services.profile.domain.fact import ACCOUNT, DAY, OPTION, Facts, Place, li, option
from services.profile.domain.table import Row, Table, sequence_of
from shared.contracts.dealings import (
    Dealt,
    FeeCharged,
    OrderClosedOut,
    PositionDelivered,
    TradeExecuted,
    TradeSettled,
)
from shared.contracts.dealt import TradeSettlement

DEALT = ("instrument text", *OPTION)
EVENT = ("source text", "event_id text")

TRADES = Table(
    "trades",
    (*ACCOUNT, DAY, "exchange text", "trade_id text", "direction text"),
    (
        *DEALT,
        "order_id text",
        "open_close text",
        "hedge text",
        "lots integer",
        "price numeric",
        "turnover bigint",
        "premium bigint",
        "executed_at timestamptz",
        "fee bigint",
        "profit_mtm bigint",
        "profit_tbt bigint",
        "cancelled boolean",
    ),
    order=("settled boolean", "sequence bigint"),
    dated=True,
)
CLOSE_OUTS = Table(
    "close_outs",
    (
        *(*ACCOUNT, DAY, "instrument text", "trade_id text", "direction text"),
        *("opening_trade_id text", "open_price numeric"),
    ),
    (
        "exchange text",
        *OPTION,
        "opened_on date",
        "lots integer",
        "close_price numeric",
        "profit_mtm bigint",
        "profit_tbt bigint",
        "cancelled boolean",
    ),
    dated=True,
)
DELIVERIES = Table(
    "exchange_deliveries",
    (*ACCOUNT, DAY, *EVENT),
    (
        "exchange text",
        *DEALT,
        "direction text",
        "lots integer",
        "delivery_price numeric",
        "turnover bigint",
        "fee bigint",
        "profit bigint",
        "cancelled boolean",
    ),
    dated=True,
)
FEES = Table(
    "fees",
    (*ACCOUNT, DAY, *EVENT),
    (
        "item text",
        "amount bigint",
        "currency text",
        "exchange text",
        "note text",
        "cancelled boolean",
    ),
    dated=True,
)


def _dealt(told: Dealt) -> dict[str, object]:
    return {
        "broker": told.broker,
        "account": told.account,
        "trading_day": told.trading_day,
        "exchange": told.exchange.value,
        "instrument": told.instrument,
        **option(told.option),
    }


def traded(event: TradeExecuted | TradeSettled, place: Place) -> Iterator[Row]:
    """Take a trade: what the day settled holds over what the stream said."""
    told = event.data
    final = told if isinstance(told, TradeSettlement) else None
    yield TRADES.row(
        **_dealt(told),
        trade_id=told.trade_id,
        direction=told.direction,
        order_id=told.order_id,
        open_close=told.offset.value,
        hedge=told.hedge,
        lots=told.lots,
        price=told.price,
        turnover=li(told.turnover),
        premium=li(told.premium),
        executed_at=told.executed_at,
        fee=li(final.fee) if final else None,
        profit_mtm=li(final.profit_mtm) if final else None,
        profit_tbt=li(final.profit_tbt) if final else None,
        cancelled=final.cancelled if final else False,
        settled=final is not None,
        sequence=sequence_of(event.sequence),
    )


def closed_out(event: OrderClosedOut, place: Place) -> Iterator[Row]:
    """Take the lots that a trade closed of an earlier one."""
    told = event.data
    yield CLOSE_OUTS.row(
        **_dealt(told),
        trade_id=told.trade_id,
        direction=told.direction,
        opening_trade_id=told.opening_trade_id,
        open_price=told.open_price,
        opened_on=told.opened_on,
        lots=told.lots,
        close_price=told.close_price,
        profit_mtm=li(told.profit_mtm),
        profit_tbt=li(told.profit_tbt),
        cancelled=told.cancelled,
        sequence=sequence_of(event.sequence),
    )


def delivered(event: PositionDelivered, place: Place) -> Iterator[Row]:
    """Take a delivery; one that takes an equal one back counts against it."""
    told = event.data
    yield DELIVERIES.row(
        **_dealt(told),
        source=event.source,
        event_id=event.id,
        direction=told.direction,
        lots=told.lots,
        delivery_price=told.delivery_price,
        turnover=li(told.turnover),
        fee=li(told.fee),
        profit=li(told.profit),
        cancelled=told.cancelled,
        sequence=sequence_of(event.sequence),
    )


def charged(event: FeeCharged, place: Place) -> Iterator[Row]:
    """Take a charge (+) or refund (−); one that takes an equal one back counts against it."""
    told = event.data
    yield FEES.row(
        broker=told.broker,
        account=told.account,
        trading_day=told.trading_day,
        source=event.source,
        event_id=event.id,
        item=told.item,
        amount=li(told.amount),
        currency=told.currency,
        exchange=told.exchange.value if told.exchange else None,
        note=told.note,
        cancelled=told.cancelled,
        sequence=sequence_of(event.sequence),
    )


FACTS = Facts(
    (TRADES, CLOSE_OUTS, DELIVERIES, FEES),
    {
        "trade.executed": traded,
        "trade.settled": traded,
        "order.closed-out": closed_out,
        "position.delivered": delivered,
        "fee.charged": charged,
    },
)
