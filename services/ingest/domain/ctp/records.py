"""柜台记录 — what we read of CTP's structs, one class a struct; docs/ingest/ctp.md lists them.

A field's name is CTP's own in snake case (``uniq_sequence_no`` is ``UniqSequenceNo``). Personal
fields (names, addresses, messages) are not here, so nothing of ours ever holds them. What CTP left
unset is ``None``, or an empty text.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated


class Unit(StrEnum):
    """How exactly a C double stands for a decimal: see ``adapters.ctp.edge``."""

    MOVED = "moved"
    STATE = "state"
    PRICE = "price"


Moved = Annotated[Decimal | None, Unit.MOVED]
State = Annotated[Decimal | None, Unit.STATE]
Price = Annotated[Decimal | None, Unit.PRICE]


class Stream(StrEnum):
    """The streams of the counter that we take; the name is part of identities and of ``heard``."""

    DEPOSIT = "deposit"
    TRADE = "trade"
    ORDER = "order"
    POSITION = "position"
    ACCOUNT = "account"
    PRE_ACCOUNT = "pre-account"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What every record says. ``uniq_sequence_no`` 0: its stream is not sequenced."""

    broker_id: str
    investor_id: str
    uniq_sequence_no: int = 0
    trading_day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit(Record):
    """SeqDeposit 有序的出入金."""

    type: str
    flag: str
    direction: str
    sequence_no: str
    time: str
    amount: Moved
    currency_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade(Record):
    """SequencialTrade 有序的成交."""

    instrument_id: str
    exchange_id: str
    trade_id: str
    direction: str
    order_sys_id: str
    offset_flag: str
    hedge_flag: str
    price: Price
    volume: int
    trade_time: str
    broker_order_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Record):
    """SequencialOrder 有序的报单."""

    instrument_id: str
    exchange_id: str
    order_ref: str
    order_sys_id: str
    front_id: int
    session_id: int
    broker_order_seq: int
    direction: str
    comb_offset_flag: str
    limit_price: State
    volume_total_original: int
    volume_traded: int
    force_close_reason: str
    order_submit_status: str
    order_status: str
    insert_time: str
    update_time: str
    cancel_time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Position(Record):
    """SequencialPosition 有序的持仓: one part of a holding, today's or an earlier day's."""

    instrument_id: str
    exchange_id: str
    posi_direction: str
    hedge_flag: str
    position_date: str
    position: int
    today_position: int
    use_margin: State
    position_profit: State
    settlement_price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Record):
    """RiskSyncAccount, TradingAccount: an account's funds now. It has no day and no number."""

    balance: State
    available: State
    curr_margin: State
    exchange_margin: State
    close_profit: State
    position_profit: State
    commission: State
    deposit: State
    withdraw: State
    currency_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreAccount(Record):
    """SeqPreRiskAccount 昨日资金: taken for its number alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Record):
    """SeqRiskNotifyB 风险通知: taken for its number alone; the text is never read."""

    notify_class: str


@dataclass(frozen=True, slots=True)
class Illegible:
    """A record of which a field cannot be read. ``fields``: those above, as they came."""

    number: int
    trading_day: str
    place: str
    reason: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record as it came. ``day``: the front's trading day, YYYYMMDD, from the login."""

    stream: Stream
    record: Record | Illegible
    day: str
    at: datetime

    @property
    def number(self) -> int:
        """The record's place in its stream; 0 where there is none."""
        if isinstance(self.record, Illegible):
            return self.record.number
        return self.record.uniq_sequence_no

    @property
    def trading_day(self) -> str:
        """The record's own trading day, else the front's; never the wall's date."""
        return self.record.trading_day or self.day


@dataclass(frozen=True, slots=True)
class Connected:
    """前置已连接 — the front can be asked."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """前置已断开 — the library connects again by itself."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """登录应答. ``error`` 0: the trading day is ``day``; else the front's refusal."""

    day: str
    error: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """A callback failed in a way that nobody foresaw: the process must end and begin again."""

    failure: Exception


Heard = Arrival | Connected | Disconnected | LoggedIn | Broken
