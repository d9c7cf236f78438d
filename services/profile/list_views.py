"""Rows of the lists. Money is in 元 as a string, exact to 厘; lots are 手."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import PlainSerializer

from services.profile.view import View, Yuan

V = TypeVar("V", bound=View)
Price = Annotated[Decimal, PlainSerializer(lambda price: f"{price:f}", return_type=str)]


class FoundView(View):
    """A client in a list; the name and phone are masked, or null for who sees none."""

    customer_id: str
    customer_type: str
    kind: str
    name: str | None
    phone: str | None
    account: str
    manager_id: str | None
    branch_id: str | None
    equity: Yuan | None
    available: Yuan | None


class FoundPage(View):
    """By account; ``next`` goes into ``after`` for the page behind."""

    clients: list[FoundView]
    next: str | None


class OwnedView(View):
    """A row of an account: whose it is; the name is masked, or null for who sees none."""

    account: str
    customer_id: str
    name: str | None
    manager_id: str | None
    branch_id: str | None


class FundsRow(OwnedView):
    """资金 — ``origin``: direct 直接开发, introduced 居间开发, company 公司客户."""

    origin: str
    trading_day: date
    at: datetime
    settled: bool
    equity: Yuan
    available: Yuan
    margin: Yuan | None
    exchange_margin: Yuan | None
    close_profit: Yuan | None
    position_profit: Yuan | None
    commission: Yuan | None
    deposit: Yuan | None
    withdrawal: Yuan | None


class DayRow(OwnedView):
    """一天 — a settled trading day."""

    trading_day: date
    opening_equity: Yuan | None
    equity: Yuan
    available: Yuan
    margin: Yuan | None
    close_profit: Yuan | None
    position_profit: Yuan | None
    commission: Yuan | None
    deposit: Yuan | None
    withdrawal: Yuan | None
    traded_lots: int | None
    position_lots: int | None


class FlowRow(OwnedView):
    """出入金 — ``reversed``: a later row takes it back; ``reverses``: the serial it takes back."""

    trading_day: date
    happened_at: datetime
    direction: str
    amount: Yuan
    currency: str
    channel: str
    serial: str
    reverses: str | None
    reversed: bool


class TradeRow(OwnedView):
    """成交 — ``settled``: as the day's file has it, with fee and profit."""

    trading_day: date
    executed_at: datetime
    exchange: str
    instrument: str
    trade_id: str
    direction: str
    open_close: str
    hedge: str
    lots: int
    price: Price
    turnover: Yuan | None
    premium: Yuan | None
    fee: Yuan | None
    profit_mtm: Yuan | None
    profit_tbt: Yuan | None
    settled: bool


class PositionRow(OwnedView):
    """持仓 — now; ``settled``: as the day's settlement has it."""

    trading_day: date
    at: datetime
    exchange: str
    instrument: str
    side: str
    hedge: str
    lots: int
    today_lots: int | None
    average_price: Price | None
    settlement_price: Price | None
    margin: Yuan | None
    profit_mtm: Yuan | None
    profit_tbt: Yuan | None
    settled: bool


class ForcedRow(OwnedView):
    """强平单 — as it stands; ``reason`` is CTP's ForceCloseReason."""

    trading_day: date
    at: datetime
    order_id: str
    exchange: str
    instrument: str
    direction: str
    lots: int
    filled: int
    price: Yuan
    reason: str
    status: str


class FeesRow(OwnedView):
    """费用 — of some days: 手续费, and 其他资金 (+ charged, − refunded)."""

    commission: Yuan | None
    other: Yuan | None
    traded_lots: int | None


class UnitRow(View):
    """机构的一格 — a branch, a manager or a client: ``id``, empty for what belongs to none.

    ``deposit``, ``withdrawal`` and ``commission`` are of the trading day that runs now.
    """

    id: str
    clients: int
    accounts: int
    equity: Yuan | None
    available: Yuan | None
    margin: Yuan | None
    deposit: Yuan | None
    withdrawal: Yuan | None
    commission: Yuan | None


class ProductRow(View):
    """品种 — who holds how much of it now."""

    exchange: str
    product: str
    clients: int
    long_lots: int
    short_lots: int
    margin: Yuan | None
    profit_mtm: Yuan | None


class Listed(View, Generic[V]):
    """A page; ``next`` goes into ``after`` for the page behind."""

    rows: list[V]
    next: str | None
