"""监控中心报送文件 — the writer of the files of trading and holding.

The columns are those of the appendix, in its order, written line by line and shared with no reader.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType

from deploy.synthetic.book import yuan
from deploy.synthetic.dealt import Charged, Closed, Dealings, Delivered, Held, Trade
from deploy.synthetic.market import STRIKE

SEAT, NO, CNY = "0001", "N", "CNY"  # 席位号, 非结算会员: no

Rows = Callable[[date, Dealings], Iterator[str]]


def _trddata(day: date, dealings: Dealings) -> Iterator[str]:
    return (_traded(day, one) for one in dealings.trades if not one.contract.is_option)


def _opttrddata(day: date, dealings: Dealings) -> Iterator[str]:
    return (_option_traded(day, one) for one in dealings.trades if one.contract.is_option)


def _liquiddetails(day: date, dealings: Dealings) -> Iterator[str]:
    return (_closed(day, one) for one in dealings.closed if not one.trade.contract.is_option)


def _optliquiddetails(day: date, dealings: Dealings) -> Iterator[str]:
    return (_option_closed(day, one) for one in dealings.closed if one.trade.contract.is_option)


def _holddata(day: date, dealings: Dealings) -> Iterator[str]:
    return (f"{_held(day, one)}@@" for one in dealings.held if not one.contract.is_option)


def _optholddata(day: date, dealings: Dealings) -> Iterator[str]:
    options = (one for one in dealings.held if one.contract.is_option)
    return (f"{_held(day, one)}@C@{STRIKE}.00@m@{one.contract.underlying}@@" for one in options)


def _holddetails(day: date, dealings: Dealings) -> Iterator[str]:
    return (_detail(day, one) for one in dealings.held if not one.contract.is_option)


def _delivdetails(day: date, dealings: Dealings) -> Iterator[str]:
    return (_delivered(day, one) for one in dealings.delivered)


def _otherfund(day: date, dealings: Dealings) -> Iterator[str]:
    return (_charged(day, one) for one in dealings.charged)


WRITERS: Mapping[str, Rows] = MappingProxyType(
    {
        "trddata": _trddata,
        "opttrddata": _opttrddata,
        "liquiddetails": _liquiddetails,
        "optliquiddetails": _optliquiddetails,
        "delivdetails": _delivdetails,
        "otherfund": _otherfund,
        "holddetails": _holddetails,
        "holddata": _holddata,
        "optholddata": _optholddata,
    }
)
"""Kind → what writes its lines of somebody's day."""


def written(day: date, dealings: Iterable[Dealings]) -> dict[str, list[str]]:
    """Write every kind's lines in one pass: somebody's day is reckoned only once."""
    lines: dict[str, list[str]] = {kind: [] for kind in WRITERS}
    for one in dealings:
        for kind, write in WRITERS.items():
            lines[kind].extend(write(day, one))
    return lines


def _code(account: str) -> str:
    """Return the 交易编码 of an account."""
    return f"0{account[-7:]}"


def _flag(yes: bool) -> str:
    return "B" if yes else "S"


def _traded(day: date, one: Trade) -> str:
    of, fee = one.contract, yuan(one.fee)
    turnover = yuan(of.worth(one.price, one.lots))
    return (
        f"{day}@{one.account}@{one.trade_id}@{of.code}@{_flag(one.buys)}@{one.lots}"
        f"@{yuan(one.price)}@{turnover}@{one.at:%H:%M:%S}@{'O' if one.opens else 'L'}@S"
        f"@{yuan(one.profit_mtm)}@{yuan(one.profit_tbt)}@{fee}@{_code(one.account)}"
        f"@{of.product.flag}@{NO}@{one.trade_id}@{SEAT}@{CNY}@{one.on}"
    )


def _option_traded(day: date, one: Trade) -> str:
    of, premium = one.contract, yuan(one.contract.worth(one.price, one.lots))
    return (
        f"{day}@{one.account}@{one.trade_id}@{of.code}@{_flag(one.buys)}@{one.lots}"
        f"@{yuan(one.price)}@{premium}@{one.at:%H:%M:%S}@{'O' if one.opens else 'L'}@S"
        f"@{yuan(one.fee)}@C@{STRIKE}.00@{of.product.code}@{of.underlying}@{_code(one.account)}"
        f"@{of.product.flag}@{NO}@{one.trade_id}@{SEAT}@{CNY}@{one.on}@@"
    )


def _closing(day: date, one: Closed) -> str:
    trade = one.trade
    return (
        f"{day}@{trade.account}@{trade.contract.code}@{trade.trade_id}@{_flag(trade.buys)}"
        f"@{yuan(trade.price)}@{yuan(one.open_price)}@{trade.lots}@{yuan(one.before)}"
        f"@{yuan(one.settled)}"
    )


def _closed(day: date, one: Closed) -> str:
    trade = one.trade
    return (
        f"{_closing(day, one)}@{yuan(trade.profit_mtm)}@{yuan(trade.profit_tbt)}@{one.opening}"
        f"@{_code(trade.account)}@{CNY}@{trade.on}"
    )


def _option_closed(day: date, one: Closed) -> str:
    trade, of = one.trade, one.trade.contract
    premiums = (yuan(of.worth(price, trade.lots)) for price in (trade.price, one.open_price))
    return (
        f"{_closing(day, one)}@{'@'.join(premiums)}@{one.opening}@{_code(trade.account)}@{CNY}"
        f"@{trade.on}@@{yuan(trade.profit_mtm)}@{yuan(trade.profit_tbt)}"
    )


def _held(day: date, one: Held) -> str:
    of = one.contract
    return (
        f"{day}@{one.account}@{of.code}@{_flag(one.long)}@S@{one.lots}@{yuan(one.margin)}"
        f"@{yuan(one.profit_mtm)}@{yuan(one.profit_tbt)}@{yuan(one.open_price)}"
        f"@{yuan(one.before)}@{yuan(one.settled)}@{_code(one.account)}@{of.product.flag}@{NO}@{CNY}"
    )


def _detail(day: date, one: Held) -> str:
    return (
        f"{day}@{one.account}@{one.contract.code}@{one.opening}@{_flag(one.long)}@S@{one.lots}"
        f"@{yuan(one.open_price)}@{yuan(one.before)}@{yuan(one.settled)}@{yuan(one.profit_mtm)}"
        f"@{yuan(one.profit_tbt)}@{_code(one.account)}@{yuan(one.margin)}@{CNY}@{one.opened_on}@@"
    )


def _delivered(day: date, one: Delivered) -> str:
    of = one.contract
    worth, goods = (yuan(of.worth(price, one.lots)) for price in (one.open_price, one.price))
    return (
        f"{day}@{one.account}@{of.code}@{_flag(one.long)}@{yuan(one.open_price)}@{worth}"
        f"@{yuan(one.price)}@{goods}@{one.lots}@{yuan(one.fee)}@{yuan(one.profit)}"
        f"@{_code(one.account)}@{CNY}"
    )


def _charged(day: date, one: Charged) -> str:
    amount, code = yuan(one.amount), _code(one.account)
    return f"{day}@{one.account}@{one.flag}@SBF@{amount}@申报费@{code}@{NO}@{CNY}"
