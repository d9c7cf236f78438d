"""成交、平仓、持仓 … as the broker's files show them. Money and prices in 厘, lots in 手."""

from datetime import date, time
from typing import NamedTuple

from deploy.synthetic.market import Contract


class Trade(NamedTuple):
    """成交. ``opens``: 开; ``on`` is the date that the exchange gave it."""

    account: str
    contract: Contract
    trade_id: str
    buys: bool
    opens: bool
    lots: int
    price: int
    at: time
    on: date
    fee: int
    profit_mtm: int = 0
    profit_tbt: int = 0


class Closed(NamedTuple):
    """平仓: what a trade closed of the one that had opened it."""

    trade: Trade
    opening: str
    open_price: int
    before: int
    settled: int


class Held(NamedTuple):
    """持仓 of one opening trade. ``before``, ``settled``: the settlement prices."""

    account: str
    contract: Contract
    long: bool
    lots: int
    opening: str
    opened_on: date
    open_price: int
    before: int
    settled: int
    margin: int
    profit_mtm: int
    profit_tbt: int


class Delivered(NamedTuple):
    """交割: a position that ends by delivery."""

    account: str
    contract: Contract
    long: bool
    lots: int
    open_price: int
    price: int
    fee: int
    profit: int


class Charged(NamedTuple):
    """其他资金: a charge."""

    account: str
    flag: str
    amount: int


class Dealings(NamedTuple):
    """Everything that the files of trading and holding show of one day."""

    trades: tuple[Trade, ...] = ()
    closed: tuple[Closed, ...] = ()
    held: tuple[Held, ...] = ()
    delivered: tuple[Delivered, ...] = ()
    charged: tuple[Charged, ...] = ()

    @property
    def fees(self) -> int:
        paid = [one.fee for one in self.trades] + [one.fee for one in self.delivered]
        return sum(paid) + sum(charge.amount for charge in self.charged)

    @property
    def margin(self) -> int:
        return sum(one.margin for one in self.held)
