"""仓位 — what the quiet clients hold and trade: one position each, turned over once a week.

The weekday differs from client to client. On it the old position is closed (or, for some,
delivered) and another one opened, both at the day's settlement price; on the others it is held. The
whole of a day's profit stands in one row: the close's, the delivery's, or the holding's.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple

from deploy.synthetic.book import LI
from deploy.synthetic.chance import chance
from deploy.synthetic.dealt import Charged, Closed, Dealings, Delivered, Held, Trade
from deploy.synthetic.market import OPTION, PRODUCTS, Contract, Product, contract
from shared.kernel.trading_day import Calendar

_WEEK = 7
_SHARE = 60  # per cent of a client's size that margins may take
_MOST_LOTS = 20
_FEE = 30_000  # a fee is this part of what was traded
_OPTION_FEE = LI // 2
_OPTION_EVERY, _DELIVERY_EVERY, _CHARGE_EVERY = 20, 40, 25
_NIGHTS = frozenset("DZSN")  # exchanges of which something trades at night
_DATED_BY_EVENING = frozenset("ZSN")  # those whose night trades bear the evening's date


class Who(NamedTuple):
    """A quiet client: its number, its account, and its size in 元."""

    number: int
    account: str
    size: int


class Position(NamedTuple):
    """What a client holds during a week; ``opening``: the trade that opened it."""

    contract: Contract
    long: bool
    lots: int
    opening: str
    opened: date


@dataclass(frozen=True)
class Positions:
    """The positions of the clients of one seed."""

    seed: int
    calendar: Calendar

    def dealings(self, who: Who, day: date, before: date) -> Dealings:
        """Return a client's day but for its profit; ``before``: the trading day before it."""
        now, was = self._position(who, day), self._position(who, before)
        held = (self._held(who, now, day, before),)
        if now.opening == was.opening:
            return Dealings(held=held)
        opened = self._trade(who, now, day, opens=True)
        charged = self._charge(who, now) if who.number % _CHARGE_EVERY == 0 else ()
        if who.number % _DELIVERY_EVERY == 1 and not was.contract.is_option:
            gone = self._delivered(who, was, day)
            return Dealings((opened,), (), held, (gone,), charged)
        trade = self._trade(who, was, day, opens=False)
        prices = (was.contract.price(on) for on in (was.opened, before, day))
        return Dealings((trade, opened), (Closed(trade, was.opening, *prices),), held, (), charged)

    def _position(self, who: Who, day: date) -> Position:
        week = (day.toordinal() + who.number) // _WEEK
        monday = date.fromordinal(week * _WEEK - who.number)
        opened = self.calendar.on_or_after(max(monday, self.calendar.first))
        bits = chance(self.seed, 11, who.number, week)
        product = _product(who, bits)
        most = who.size * _SHARE // 100 // product.a_lot if product.a_lot else 2
        lots = 1 + (bits >> 16) % min(most, _MOST_LOTS)
        number = f"{opened:%y%m%d}{who.number:07d}"
        long = product is OPTION or bool(bits >> 32 & 1)
        return Position(contract(product, opened), long, lots, number, opened)

    def _trade(self, who: Who, position: Position, day: date, *, opens: bool) -> Trade:
        of, price = position.contract, position.contract.price(day)
        tbt = _gain(position, price) if not opens else 0
        at, on = self._moment(who, of, day)
        return Trade(
            who.account,
            of,
            position.opening if opens else f"{day:%y%m%d}{who.number:07d}C",
            position.long == opens,
            opens,
            position.lots,
            price,
            at,
            on,
            _fee(of, price, position.lots),
            profit_tbt=tbt,
        )

    def _held(self, who: Who, position: Position, day: date, before: date) -> Held:
        of, price = position.contract, position.contract.price(day)
        return Held(
            who.account,
            of,
            position.long,
            position.lots,
            position.opening,
            position.opened,
            of.price(position.opened),
            of.price(before),
            price,
            of.held(price, position.lots),
            0,
            _gain(position, price),
        )

    def _delivered(self, who: Who, position: Position, day: date) -> Delivered:
        of, price = position.contract, position.contract.price(day)
        fee = _fee(of, price, position.lots)
        opened_at = of.price(position.opened)
        return Delivered(who.account, of, position.long, position.lots, opened_at, price, fee, 0)

    def _charge(self, who: Who, position: Position) -> tuple[Charged]:
        amount = max(1, who.size // 20_000) * 10
        return (Charged(who.account, position.contract.product.flag, amount),)

    def _moment(self, who: Who, of: Contract, day: date) -> tuple[time, date]:
        """Return when a trade was, and the date that its exchange gave it."""
        bits, before = chance(self.seed, 12, who.number, day.toordinal()), self.calendar.before(day)
        minute, second = bits % 60, bits // 60 % 60
        flag = of.product.flag
        if bits >> 20 & 1 and flag in _NIGHTS and before not in self.calendar.no_night:
            return time(21, minute, second), before if flag in _DATED_BY_EVENING else day
        return time(13 + minute // 30, 30 - minute % 30, second), day


def with_profit(dealings: Dealings, profit: int) -> Dealings:
    """Return the day with its profit, in the row that brought it."""
    if dealings.delivered:
        (gone,) = dealings.delivered
        return dealings._replace(delivered=(gone._replace(profit=profit),))
    if dealings.closed:
        (closed,), (_, *others) = dealings.closed, dealings.trades
        trade = closed.trade._replace(profit_mtm=profit)
        return dealings._replace(trades=(trade, *others), closed=(closed._replace(trade=trade),))
    (held,) = dealings.held
    return dealings._replace(held=(held._replace(profit_mtm=profit),))


def _product(who: Who, bits: int) -> Product:
    if who.number % _OPTION_EVERY == _OPTION_EVERY - 1:
        return OPTION
    fit = [one for one in PRODUCTS if one.a_lot * 100 <= who.size * _SHARE]
    return fit[bits % len(fit)]


def _gain(position: Position, price: int) -> int:
    """Return 逐笔 profit since the opening."""
    worth = position.contract.worth(price - position.contract.price(position.opened), position.lots)
    return worth if position.long else -worth


def _fee(of: Contract, price: int, lots: int) -> int:
    if of.is_option:
        return _OPTION_FEE * lots
    return of.worth(price, lots) // _FEE // 10 * 10
