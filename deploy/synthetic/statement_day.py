"""结算单的内容 — what a client's statement says of one day: figures, and the tables with rows."""

from datetime import date

from deploy.synthetic.account_day import AccountDay
from deploy.synthetic.book import yuan
from deploy.synthetic.dealt import Closed, Delivered, Held, Trade
from deploy.synthetic.market import Contract
from deploy.synthetic.statement import Paper, Sheet
from deploy.synthetic.statement_columns import TITLES

EXCHANGES = {
    "D": "大商所",
    "Z": "郑商所",
    "S": "上期所",
    "G": "广期所",
    "N": "能源中心",
    "J": "中金所",
}
HEDGE, NOTHING = "投", "0.00"

Cells = tuple[str, ...]


def paper(one: AccountDay, layout: str) -> Paper:
    """Return an account's statement, 盯市 (``mtm``) or 逐笔 (``tbt``)."""
    rows = _tables(one, layout == "mtm")
    sheets = [Sheet(title, TITLES[title], rows[title]) for title in TITLES if rows[title]]
    figures = _figures(one, layout == "mtm")
    return Paper(one.account, one.name, _on(one.day), layout, figures, sheets)


def _figures(one: AccountDay, by_day: bool) -> dict[str, str]:
    balance, dealings = one.balance, one.dealings
    closed = sum(_profit(closed.trade, by_day) for closed in dealings.closed)
    closed += sum(gone.profit for gone in dealings.delivered)
    held = sum(held.profit_mtm for held in dealings.held)
    carried = balance.equity - held if not by_day else balance.equity
    return {
        "期初结存 Balance b/f": _amount(balance.opening),
        "基础保证金 Initial Margin": NOTHING,
        "出 入 金 Deposit/Withdrawal": _amount(balance.moved),
        "期末结存 Balance c/f": _amount(carried),
        "平仓盈亏 Realized P/L": _amount(closed),
        "质 押 金 Pledge Amount": NOTHING,
        "持仓盯市盈亏 MTM P/L" if by_day else "浮动盈亏 Floating P/L": _amount(held),
        "客户权益 Client Equity": _amount(balance.equity),
        "手 续 费 Commission": _amount(balance.fees),
        "保证金占用 Margin Occupied": _amount(balance.margin),
        "可用资金 Fund Avail.": _amount(balance.available),
        "应追加资金 Margin Call": _amount(max(0, -balance.available)),
    }


def _tables(one: AccountDay, by_day: bool) -> dict[str, list[Cells]]:
    dealings = one.dealings
    rows: tuple[list[Cells], ...] = (
        [(_on(m.on), m.memo, *_in_and_out(m.amount), "") for m in one.moved],
        [_traded(trade, by_day) for trade in dealings.trades],
        [_closed(closed, one.day, by_day) for closed in dealings.closed],
        [_held(held) for held in dealings.held],
        [_total(held) for held in dealings.held],
        [_delivered(gone, one.day) for gone in dealings.delivered],
    )
    return dict(zip(TITLES, rows, strict=True))


def _in_and_out(amount: int) -> Cells:
    return _amount(max(0, amount)), _amount(max(0, -amount))


def _traded(one: Trade, by_day: bool) -> Cells:
    of, worth = one.contract, _amount(one.contract.worth(one.price, one.lots))
    premium = _amount(of.worth(one.price, one.lots) * (-1 if one.buys else 1))
    return (
        _on(one.on),
        *_contract(of),
        *_side(one.buys),
        yuan(one.price),
        str(one.lots),
        worth,
        "开" if one.opens else "平",
        _amount(one.fee),
        _amount(_profit(one, by_day)),
        premium if of.is_option else NOTHING,
        one.trade_id,
    )


def _closed(one: Closed, day: date, by_day: bool) -> Cells:
    trade = one.trade
    prices = (yuan(one.open_price), yuan(one.before), yuan(trade.price))
    lots, profit = str(trade.lots), _amount(_profit(trade, by_day))
    side = _side(trade.buys)
    return (_on(day), *_contract(trade.contract), "", *side, lots, *prices, profit, NOTHING)


def _held(one: Held) -> Cells:
    prices = (yuan(one.open_price), yuan(one.before), yuan(one.settled))
    figures = (_amount(one.profit_tbt), _amount(one.profit_mtm), _amount(one.margin), NOTHING)
    side = _side(one.long)
    opened = _on(one.opened_on)
    return (*_contract(one.contract), opened, *side, str(one.lots), *prices, *figures)


def _total(one: Held) -> Cells:
    _, product, instrument = _contract(one.contract)
    here, nowhere = (str(one.lots), yuan(one.open_price)), ("0", "0.000")
    sides = (*here, *nowhere) if one.long else (*nowhere, *here)
    figures = (yuan(one.before), yuan(one.settled), _amount(one.profit_mtm), _amount(one.margin))
    return (product, instrument, *sides, *figures, HEDGE)


def _delivered(one: Delivered, day: date) -> Cells:
    worth = _amount(one.contract.worth(one.price, one.lots))
    side = _side(one.long)[0]
    lots, price = str(one.lots), yuan(one.price)
    return (_on(day), *_contract(one.contract), side, lots, price, worth, _amount(one.fee))


def _contract(of: Contract) -> Cells:
    return EXCHANGES[of.product.flag], of.product.code, of.code


def _side(buys: bool) -> Cells:
    return "买" if buys else "卖", HEDGE


def _profit(one: Trade, by_day: bool) -> int:
    return one.profit_mtm if by_day else one.profit_tbt


def _on(day: date) -> str:
    return f"{day:%Y%m%d}"


def _amount(amount: int) -> str:
    """Write 厘 with the commas of print.

    >>> _amount(-5_000_000_000), _amount(999_999)
    ('-5,000,000.00', '999.999')
    """
    whole, _, rest = yuan(amount).partition(".")
    sign, digits = whole[: whole.startswith("-")], whole.lstrip("-")
    return f"{sign}{int(digits):,}.{rest}"
