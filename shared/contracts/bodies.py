"""The bodies of the account events: what each of them says. Money is in 元, exact to 厘 (0.001)."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from shared.contracts.event import Code, Model
from shared.contracts.instruments import Instrument
from shared.kernel.money import Amount, Money
from shared.kernel.trading_day import TradingDay


class OrderStatus(StrEnum):
    """Where a forced-liquidation order stands."""

    OPEN = "open"
    PARTLY_FILLED = "partly-filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class FundsChannel(StrEnum):
    """How the money moved: 银期转账, 手工出入金, through the exchange."""

    BANK_TRANSFER = "bank-transfer"
    MANUAL = "manual"
    EXCHANGE = "exchange"


class AccountFact(Model):
    """What every account event says: whose, on which trading day, and how it reached us."""

    broker: Code
    account: Code
    trading_day: TradingDay
    source: str = Field(default="push", max_length=40, description="stream, file, push …")
    rehearsal: bool = Field(default=False, description="交易所周末测试: reaches no manager")
    backfill: bool = Field(default=False, description="history loaded later: raises nothing")


class Funds(AccountFact):
    """出入金 — one movement of money. ``serial`` is the source's own number of it."""

    amount: Amount
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    happened_at: AwareDatetime
    channel: FundsChannel = FundsChannel.BANK_TRANSFER
    serial: str = Field(min_length=1, max_length=100)


class Reversal(Funds):
    """冲正 — takes back the movement whose serial is ``reverses``.

    ``direction`` is that movement's; a source may leave it out: ingest fills it from its record.
    """

    reverses: str = Field(min_length=1, max_length=100)
    direction: Literal["deposit", "withdrawal"] | None = None


class Balances(AccountFact):
    """Fund figures of an account; what a source does not have is absent, never zero."""

    equity: Money
    available: Money
    margin: Money | None = None
    exchange_margin: Money | None = None
    close_profit: Money | None = None
    position_profit: Money | None = None
    commission: Money | None = None
    deposit: Money | None = None
    withdrawal: Money | None = None


class Snapshot(Balances):
    """盘中资金 — a state, not a delta: an older ``at`` is ignored."""

    at: AwareDatetime


class Settlement(Balances):
    """日终结算 — the day's final figures; lots are 手."""

    opening_equity: Money | None = None
    traded_lots: NonNegativeInt | None = None
    position_lots: NonNegativeInt | None = None


class ForcedOrder(AccountFact):
    """强平单 — its state now. ``order_id`` is unique within the broker for ever.

    ``reason`` is CTP's ForceCloseReason character (1 资金不足, 2 客户超仓, …).
    """

    order_id: str = Field(min_length=1, max_length=100)
    exchange: Code
    instrument: Instrument
    direction: Literal["buy", "sell"]
    lots: PositiveInt
    filled: NonNegativeInt
    price: Money
    reason: str = Field(pattern=r"^[0-9a-z]$")
    status: OrderStatus
    at: AwareDatetime


class Baseline(AccountFact):
    """账户基线 — what daily files do not tell of the account's past."""

    opened_on: date
    last_trade_on: date | None = None
    last_position_on: date | None = None
    risk_level: str | None = Field(default=None, max_length=10, description="适当性等级 C1–C5")
    risk_level_until: date | None = None
    certificate_until: date | None = None


class Agreement(AccountFact):
    """协议 — an agreement with its end (None: it has none), such as 交返 or 利返.

    ``kind`` and ``starts_on`` name it; the latest record of it holds.
    """

    kind: str = Field(min_length=1, max_length=40)
    starts_on: date | None = None
    ends_on: date | None = None
    note: str = Field(default="", max_length=200)


class Tick(Model):
    """A minute of the one clock; ``trading_day`` is the day that ``at`` belongs to.

    ``heard``: source → moment of the last record taken from it, so that silence can be seen.
    """

    broker: Code
    trading_day: TradingDay
    at: AwareDatetime
    heard: dict[str, AwareDatetime] = Field(default_factory=dict)


class DayClose(Model):
    """The day's settlement files are all in; every ``account.settled`` of it came before."""

    broker: Code
    trading_day: TradingDay
