"""The bodies of the dealing events: a trade, a holding, a delivery, a fee.

Lots are 手, money is 元 exact to 厘, a price is 元 to six decimals.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from shared.contracts.bodies import AccountFact
from shared.contracts.event import Code, Model
from shared.contracts.instruments import Instrument
from shared.kernel.money import Money, Price

Direction = Literal["buy", "sell"]
Side = Literal["long", "short"]
Hedge = Literal["speculation", "arbitrage", "hedge", "market-making"]


class Exchange(StrEnum):
    """上期所, 郑商所, 大商所, 中金所, 能源中心, 广期所."""

    SHFE = "SHFE"
    CZCE = "CZCE"
    DCE = "DCE"
    CFFEX = "CFFEX"
    INE = "INE"
    GFEX = "GFEX"


class Offset(StrEnum):
    """开平: open, close, 平今, 平昨, 强平, 强减."""

    OPEN = "open"
    CLOSE = "close"
    CLOSE_TODAY = "close-today"
    CLOSE_YESTERDAY = "close-yesterday"
    FORCE_CLOSE = "force-close"
    FORCE_OFF = "force-off"


class Option(Model):
    """期权 — what an option trade or position is of."""

    kind: Literal["call", "put"]
    strike: Price
    underlying: Code | None = Field(default=None, description="标的合约")


class Dealt(AccountFact):
    """An instrument at its exchange."""

    exchange: Exchange
    instrument: Instrument
    option: Option | None = None


class Trade(Dealt):
    """成交. ``trade_id`` repeats on both sides of a self-match: ``direction`` is part of its name.

    ``premium``: 权利金 of an option trade, + received, − paid.
    """

    trade_id: str = Field(min_length=1, max_length=40)
    order_id: str | None = Field(default=None, max_length=100)
    direction: Direction
    offset: Offset
    hedge: Hedge = "speculation"
    lots: PositiveInt
    price: Price
    turnover: Money | None = None
    premium: Money | None = None
    executed_at: AwareDatetime


class TradeSettlement(Trade):
    """成交结算 — fee, and profit of what it closed: by the day's settlement, and by trade.

    ``cancelled``: a replacement file no longer has it.
    """

    fee: Money | None = None
    profit_mtm: Money | None = Field(default=None, description="平仓盈亏（逐日盯市）")
    profit_tbt: Money | None = Field(default=None, description="平仓盈亏（逐笔对冲）")
    cancelled: bool = False


class CloseOut(Dealt):
    """平仓明细 — lots closed against one opening trade; ``opened_on`` tells 平今 from 平昨.

    Named by trading day, account, instrument, ``trade_id``, ``direction``, ``opening_trade_id`` and
    ``open_price``. ``cancelled``: a replacement file no longer has it.
    """

    trade_id: str = Field(min_length=1, max_length=40)
    opening_trade_id: str | None = Field(default=None, max_length=40)
    opened_on: date | None = None
    direction: Direction
    lots: PositiveInt
    open_price: Price
    close_price: Price
    profit_mtm: Money | None = None
    profit_tbt: Money | None = None
    cancelled: bool = False


class Delivery(Dealt):
    """交割明细 — without a number of its own: equal ones are as many deliveries.

    ``cancelled`` takes one equal record back: a replacement file no longer has it.
    """

    direction: Direction
    lots: PositiveInt
    delivery_price: Price
    turnover: Money | None = None
    fee: Money | None = None
    profit: Money | None = None
    cancelled: bool = False


class Fee(AccountFact):
    """其他资金 — a charge (+) or refund (−) that is no trade's fee.

    Without a number of its own: equal ones are as many. ``cancelled`` takes one equal record back.
    """

    item: str = Field(min_length=1, max_length=40, description="资金项目编号, the file's code")
    amount: Money
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    exchange: Exchange | None = None
    note: str = Field(default="", max_length=200)
    cancelled: bool = False


class Holding(Model):
    """持仓 — one instrument, one side; ``today_lots`` were opened on this trading day."""

    exchange: Exchange
    instrument: Instrument
    side: Side
    hedge: Hedge = "speculation"
    lots: NonNegativeInt
    today_lots: NonNegativeInt | None = None
    average_price: Price | None = None
    settlement_price: Price | None = None
    margin: Money | None = None
    profit_mtm: Money | None = Field(default=None, description="持仓盈亏（逐日盯市）")
    profit_tbt: Money | None = Field(default=None, description="浮动盈亏（逐笔对冲）")
    option: Option | None = None


class HoldingSnapshot(AccountFact):
    """盘中持仓 — a state of one holding, not a delta: an older ``at`` is ignored."""

    holding: Holding
    at: AwareDatetime


class HoldingsSettlement(AccountFact):
    """结算持仓 — everything the account holds at the day's end; empty when it holds nothing."""

    holdings: tuple[Holding, ...]
