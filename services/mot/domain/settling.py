"""日终结算 — what a day's settlement makes of an account. Part of the fold."""

from datetime import date

from services.mot.domain import orders
from services.mot.domain.account import (
    FUNDED_BEFORE,
    KEEP_OVERDRAFTS,
    KEEP_SETTLEMENTS,
    KEEP_WITHDRAWN,
    LONGEST_CLOSURE,
    STILL,
    Account,
    Balance,
    Closing,
    Day,
    Lowest,
    changed,
)
from services.mot.domain.events import Settlement, Snapshot


def settled(account: Account, settlement: Settlement) -> Account:
    """Take the day's final figures; a later day's settlement is never undone by an earlier one's.

    Days before the settled one are forgotten, but for sums that a late movement may still add to;
    the day itself is kept until the next settlement, for sources that bring it with the files.
    """
    day, last, lots = settlement.trading_day, account.settled, settlement.position_lots
    account = changed(
        account,
        settlements=_settlements(account, settlement),
        overdrafts=_overdrafts(account, settlement),
        last_position_on=later(account.last_position_on, day if lots else None),
        funded_on=account.funded_on or _evidence(settlement),
        lowest=_lowest(account, settlement),
    )
    account = traded(account, day if settlement.traded_lots else None)
    if last is not None and day < last:
        return account
    if account.orders:
        account = orders.settled(account, settlement)
    return changed(
        account,
        settled=day,
        equity=+settlement.equity,
        days=_days(account, day),
        position_lots=account.position_lots if lots is None else lots,
        incomplete=False,
        balance=balance(settlement),
    )


def balance(figures: Snapshot | Settlement) -> Balance:
    """Return the risk figures, as plain numbers: a stored state knows no ``Li``."""
    margin, exchange = figures.margin, figures.exchange_margin
    return Balance(
        figures.trading_day,
        +figures.equity,
        None if margin is None else +margin,
        None if exchange is None else +exchange,
    )


def traded(account: Account, day: date | None) -> Account:
    """Take note of a trade; what was lowest up to it is of no interest any more."""
    if day is None or (account.last_trade_on is not None and day <= account.last_trade_on):
        return account
    lowest = account.lowest
    if lowest is not None and lowest.day <= day:
        since = [Lowest(c.equity, d) for d, c in account.settlements.items() if d > day]
        lowest = min(since, key=lambda one: one.equity, default=None)
    return changed(account, last_trade_on=day, lowest=lowest)


def later(one: date | None, other: date | None) -> date | None:
    """Return the later of two days that may be unknown."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def _days(account: Account, today: date) -> dict[date, Day]:
    """A settled day's sums still count for what comes late, and for sums over a window."""
    since, closed = today - KEEP_WITHDRAWN, account.settlements
    days = {
        day: flows
        for day, flows in account.days.items()
        if day >= today or ((day >= since or day in closed) and (flows.withdrawn or flows.net))
    }
    was = days.get(today, STILL)
    return {**days, today: Day(was.withdrawn, was.net)}


def _plain(li: int | None) -> int | None:
    return None if li is None else +li


def _settlements(account: Account, settlement: Settlement) -> dict[date, Closing]:
    """An opening equity once told stays, when a replacement does not say it."""
    day, closed, held = (
        settlement.trading_day,
        settlement.close_profit,
        settlement.position_profit,
    )
    was = account.settlements.get(day)
    opening = _plain(settlement.opening_equity)
    profit = None
    if closed is not None and held is not None:
        profit = closed + held - (settlement.commission or 0)
    closing = Closing(
        +settlement.equity,
        was.opening if was is not None and opening is None else opening,
        profit,
        _plain(settlement.deposit),
        _plain(settlement.withdrawal),
    )
    settlements = account.settlements.copy()  # whole, at C's speed
    settlements[day] = closing
    if len(settlements) > KEEP_SETTLEMENTS:
        del settlements[min(settlements)]
    return settlements


def _overdrafts(account: Account, settlement: Settlement) -> dict[date, int]:
    day = settlement.trading_day
    if settlement.available < 0:
        return {**account.overdrafts, day: +settlement.available}
    if not account.overdrafts:
        return account.overdrafts
    kept: dict[date, int] = {}
    next_day = (
        None  # a run is kept whole: days so near belong to one, whatever holidays lie between
    )
    for d in sorted(account.overdrafts.keys() - {day}, reverse=True):
        joined = next_day is not None and next_day - d <= LONGEST_CLOSURE
        if day - d <= KEEP_OVERDRAFTS or joined:
            kept[d], next_day = account.overdrafts[d], d
    return kept


def _evidence(settlement: Settlement) -> date | None:
    """Money on the day's statement was paid in before: the next deposit is not the first."""
    there = settlement.equity > 0 or (settlement.opening_equity or 0) > 0
    return FUNDED_BEFORE if there else None


def _lowest(account: Account, settlement: Settlement) -> Lowest | None:
    day, since, was = settlement.trading_day, account.last_trade_on, account.lowest
    if since is not None and day <= since:
        return was
    equity = +settlement.equity
    return Lowest(equity, day) if was is None or equity <= was.equity else was
