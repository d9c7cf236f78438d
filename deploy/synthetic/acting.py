"""The trading and holding of the actors: what their balances ask for, and what their acts say.

Who has margin holds one lot for it. A profit stands in the holding's row, or where there is none,
in a trade that was opened and closed on the day, as are those that an act tells of.
"""

from collections.abc import Iterator
from datetime import time

from deploy.synthetic.book import Balance
from deploy.synthetic.cast import Actor, Cast
from deploy.synthetic.dealt import Closed, Dealings, Held, Trade
from deploy.synthetic.market import PRODUCTS, Contract, contract
from deploy.synthetic.script import Dealt
from shared.kernel.trading_day import TradingDay

OPENED, CLOSED = time(10, 0), time(14, 0)
_RB = next(product for product in PRODUCTS if product.code == "rb")


def dealings(cast: Cast, day: TradingDay, edition: int = 1) -> Iterator[Dealings]:
    """Return the actors' dealings of a day, as an edition of its files has them."""
    balances = {balance.account: balance for balance in cast.balances(day, edition)}
    for actor in cast.actors:
        if balance := balances.get(actor.account):
            yield _dealings(cast, actor, balance, day)


def _dealings(cast: Cast, actor: Actor, balance: Balance, day: TradingDay) -> Dealings:
    of = contract(_RB, cast.stage.history[0])
    if balance.margin > 0:
        return Dealings(held=(_held(cast, balance, of, day),))
    acts = (act for act in actor.episode.acts if isinstance(act, Dealt))
    trips = sum(act.trips for act in acts if cast.stage.on(act.on) == day)
    if not balance.profit and not trips:
        return Dealings()
    closed = [_trip(balance.account, of, day, number) for number in range(max(1, trips))]
    last = closed[-1].trade._replace(profit_mtm=balance.profit, profit_tbt=balance.profit)
    closed[-1] = closed[-1]._replace(trade=last)
    trades = (one for trip in closed for one in (_opening(trip), trip.trade))
    return Dealings(tuple(trades), tuple(closed))


def _trip(account: str, of: Contract, day: TradingDay, number: int) -> Closed:
    """Return what was bought in the morning and sold at the same price in the afternoon."""
    price, name = of.price(day), f"{day:%y%m%d}{account}{number}"
    trade = Trade(account, of, f"{name}C", False, False, 1, price, CLOSED, day, 0)
    return Closed(trade, f"{name}O", price, price, price)


def _opening(trip: Closed) -> Trade:
    return trip.trade._replace(
        trade_id=trip.opening, buys=True, opens=True, at=OPENED, profit_mtm=0, profit_tbt=0
    )


def _held(cast: Cast, balance: Balance, of: Contract, day: TradingDay) -> Held:
    opened, before = cast.stage.history[0], cast.stage.calendar.before(day)
    figures = (balance.margin, balance.profit, balance.profit)
    first, last, now = of.price(opened), of.price(before), of.price(day)
    opening = f"{opened:%y%m%d}{balance.account}"
    return Held(balance.account, of, True, 1, opening, opened, first, last, now, *figures)
