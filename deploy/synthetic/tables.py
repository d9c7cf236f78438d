"""导出表 — a day's books as the tables of a broker's own counter: what it exports, or keeps in SQL.

Every table has its own columns, in Chinese as counters write them; nobody who reads shares them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import NamedTuple

from deploy.synthetic.account_day import AccountDay
from deploy.synthetic.book import Moved, yuan
from deploy.synthetic.dealt import Held, Trade
from deploy.synthetic.statement_day import EXCHANGES
from shared.kernel.trading_day import Calendar

EVENING, SMALL_HOURS = 20, 4  # o'clock: a night's trades begin on the evening before their day

Cells = tuple[str, ...]


class Table(NamedTuple):
    """A table: its columns, and what writes an account's rows of a day into it."""

    columns: Cells
    write: Callable[[AccountDay, Calendar], Iterator[Cells]]


def lines(table: Table, days: Iterable[AccountDay], calendar: Calendar) -> Iterator[str]:
    """Return a table as CSV: its header, and everybody's rows."""
    yield ",".join(table.columns)
    for one in days:
        for cells in table.write(one, calendar):
            yield ",".join(cells)


def _flow(one: AccountDay, calendar: Calendar) -> Iterator[Cells]:
    return (_moved(moved, one.day) for moved in one.moved)


def _moved(one: Moved, day: date) -> Cells:
    into, out = (yuan(amount) if amount > 0 else "" for amount in (one.amount, -one.amount))
    return (one.account, f"{day}", one.serial, f"{one.on}", into, out, "人民币", one.memo)


def _funds(one: AccountDay, calendar: Calendar) -> Iterator[Cells]:
    at, dealings = one.balance, one.dealings
    amounts = (at.opening, at.equity, at.available, at.margin, at.fees)
    traded = sum(trade.lots for trade in dealings.trades)
    held = sum(held.lots for held in dealings.held)
    yield (one.account, f"{one.day}", *map(yuan, amounts), f"{traded}", f"{held}")


def _fills(one: AccountDay, calendar: Calendar) -> Iterator[Cells]:
    return (_traded(trade, one.day, calendar) for trade in one.dealings.trades)


def _traded(one: Trade, day: date, calendar: Calendar) -> Cells:
    way = ("买" if one.buys else "卖", "开仓" if one.opens else "平仓")
    number, price, at = f"{one.lots}", yuan(one.price), f"{_at(one.at, day, calendar)}"
    money = map(yuan, (one.fee, one.profit_mtm, one.profit_tbt))
    where = (EXCHANGES[one.contract.product.flag], one.contract.code)
    return (one.account, f"{day}", *where, one.trade_id, *way, number, price, at, *money)


def _at(at: time, day: date, calendar: Calendar) -> datetime:
    """Return when a trade was by the wall's clock."""
    if SMALL_HOURS <= at.hour < EVENING:
        return datetime.combine(day, at)
    evening = calendar.before(day)
    return datetime.combine(evening, at)


def _positions(one: AccountDay, calendar: Calendar) -> Iterator[Cells]:
    return (_held(held, one.day) for held in one.dealings.held)


def _held(one: Held, day: date) -> Cells:
    where = (EXCHANGES[one.contract.product.flag], one.contract.code)
    prices = (yuan(one.open_price), yuan(one.settled))
    money = map(yuan, (one.margin, one.profit_mtm, one.profit_tbt))
    side = "买" if one.long else "卖"
    return (one.account, f"{day}", *where, side, f"{one.lots}", *prices, *money)


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "资金流水": Table(
            ("资金账号", "交易日", "流水号", "发生日期", "入金", "出金", "币种", "摘要"), _flow
        ),
        "成交明细": Table(
            (
                *("资金账号", "交易日", "交易所", "合约", "成交编号", "买卖", "开平"),
                *("手数", "成交价", "成交时间", "手续费", "盯市盈亏", "对冲盈亏"),
            ),
            _fills,
        ),
        "持仓明细": Table(
            (
                *("资金账号", "交易日", "交易所", "合约", "买卖", "手数"),
                *("开仓均价", "结算价", "保证金", "盯市盈亏", "浮动盈亏"),
            ),
            _positions,
        ),
        "资金对账表": Table(
            (
                *("资金账号", "交易日", "期初权益", "期末权益", "可用资金"),
                *("保证金", "手续费", "成交手数", "持仓手数"),
            ),
            _funds,
        ),
    }
)
"""In the order in which a settlement makes them: what it came to stands last."""
