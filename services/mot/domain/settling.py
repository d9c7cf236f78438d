"""日终结算 — what a day's settlement makes of an account. Part of the fold."""

from datetime import date

from services.mot.domain.account import (
    FUNDED_BEFORE,
    KEEP_OVERDRAFTS,
    KEEP_RESULTS,
    KEEP_SPOKEN,
    KEEP_WITHDRAWN,
    Account,
    Balance,
    Day,
    Result,
    changed,
)
from services.mot.domain.events import Settlement, Snapshot


def settled(account: Account, settlement: Settlement) -> Account:
    """Take the day's final figures; a later day's settlement is never undone by an earlier one's.

    Days before the settled one are forgotten, but for sums that a late movement may still add to;
    the day itself is kept until the next settlement, for sources that bring it with the files.
    """
    day, last, lots = settlement.trading_day, account.settled, settlement.position_lots
    opening = _opening(account, settlement)
    account = changed(
        account,
        overdrafts=_overdrafts(account, settlement),
        last_position_on=later(account.last_position_on, day if lots else None),
        results=_results(account, settlement, opening),
        funded_on=account.funded_on or _evidence(settlement),
        low_equity=_lowest(account, settlement),
    )
    account = traded(account, day if settlement.traded_lots else None)
    if last is not None and day < last:
        return _late(account, day, opening)
    days = {
        d: flows
        for d, flows in account.days.items()
        if d >= day or ((flows.withdrawn or flows.net) and day - d <= KEEP_WITHDRAWN)
    }
    was = days.get(day, Day())
    days[day] = Day(was.withdrawn, was.net, opening)
    orders = {
        id_: order
        for id_, order in account.orders.items()
        if not order.ended or day - order.day <= KEEP_SPOKEN
    }
    return changed(
        account,
        settled=day,
        equity=int(settlement.equity),
        days=days,
        orders=orders,
        position_lots=account.position_lots if lots is None else lots,
        incomplete=False,
        balance=balance(settlement),
    )


def balance(figures: Snapshot | Settlement) -> Balance:
    """Return the risk figures, as plain numbers: a stored state knows no ``Li``."""
    margin, exchange = figures.margin, figures.exchange_margin
    return Balance(
        figures.trading_day,
        int(figures.equity),
        None if margin is None else int(margin),
        None if exchange is None else int(exchange),
    )


def traded(account: Account, day: date | None) -> Account:
    """Take note of a trade; what was lowest before it is of no interest any more."""
    if day is None or (account.last_trade_on is not None and day <= account.last_trade_on):
        return account
    return changed(account, last_trade_on=day, low_equity=None)


def later(one: date | None, other: date | None) -> date | None:
    """Return the later of two days that may be unknown."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def _opening(account: Account, settlement: Settlement) -> int | None:
    told = settlement.opening_equity
    return account.opening(settlement.trading_day) if told is None else int(told)


def _late(account: Account, day: date, opening: int | None) -> Account:
    """A settlement that a later one has overtaken still tells its day's opening equity."""
    was = account.days.get(day)
    if was is None:
        return account
    return changed(account, days={**account.days, day: Day(was.withdrawn, was.net, opening)})


def _overdrafts(account: Account, settlement: Settlement) -> dict[date, int]:
    day = settlement.trading_day
    if settlement.available < 0:
        return {**account.overdrafts, day: int(settlement.available)}
    if not account.overdrafts:
        return account.overdrafts
    kept = account.overdrafts.items()
    return {d: a for d, a in kept if d != day and day - d <= KEEP_OVERDRAFTS}


def _results(account: Account, settlement: Settlement, opening: int | None) -> dict[date, Result]:
    if opening is None:
        return account.results
    day = settlement.trading_day
    paid_in = account.deposited(day) if settlement.deposit is None else int(settlement.deposit)
    paid_out = account.withdrawn(day) if settlement.withdrawal is None else settlement.withdrawal
    closed, held = settlement.close_profit, settlement.position_profit
    if closed is None or held is None:
        profit = int(settlement.equity) - opening + paid_out - paid_in
    else:
        profit = int(closed) + held - (settlement.commission or 0)
    results = {**account.results, day: Result(profit, opening, paid_in)}
    if len(results) > KEEP_RESULTS:
        del results[min(results)]
    return results


def _evidence(settlement: Settlement) -> date | None:
    """Money on the day's statement was paid in before: the next deposit is not the first."""
    there = settlement.equity > 0 or (settlement.opening_equity or 0) > 0
    return FUNDED_BEFORE if there else None


def _lowest(account: Account, settlement: Settlement) -> int | None:
    since, low = account.last_trade_on, account.low_equity
    if since is not None and settlement.trading_day <= since:
        return low
    equity = int(settlement.equity)
    return equity if low is None else min(low, equity)
