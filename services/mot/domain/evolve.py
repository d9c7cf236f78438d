"""The fold: an account and one event make the account after it. Pure, and total over the types."""

from datetime import UTC, date
from typing import assert_never

from msgspec.structs import replace

from services.mot.domain.account import (
    KEEP_OVERDRAFTS,
    KEEP_SPOKEN,
    KEEP_WITHDRAWN,
    Account,
    Day,
    Order,
    changed,
)
from services.mot.domain.events import (
    AccountBaselined,
    AccountSettled,
    AccountSnapshotted,
    ClockTicked,
    DayClosed,
    ForcedOrder,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
    OrderForceClosed,
    Settlement,
    TradingEvent,
)

FUND_REASONS = frozenset("189")  # CTP ForceCloseReason: 资金不足, with and without open exposure
_ENDS = {"filled": "filled", "cancelled": "cancelled", "rejected": "rejected"}


def evolve(account: Account, event: TradingEvent) -> Account:  # noqa: C901 one case a type
    """Return the account after the event."""
    match event:
        case FundsWithdrawn(data=funds):
            return _moved(account, funds.trading_day, funds.amount, -funds.amount)
        case FundsDeposited(data=funds):
            return _moved(account, funds.trading_day, 0, funds.amount)
        case FundsReversed(data=back):
            if back.direction == "withdrawal":
                return _moved(account, back.trading_day, -back.amount, back.amount)
            return _moved(account, back.trading_day, 0, -back.amount)
        case AccountSnapshotted(data=snapshot):
            if account.available_at is not None and snapshot.at <= account.available_at:
                return account
            at = snapshot.at.astimezone(UTC)  # as a stored state reads: the same bytes ever after
            return changed(account, available=int(snapshot.available), available_at=at)
        case AccountSettled(data=settlement):
            return _settled(account, settlement)
        case OrderForceClosed(data=order):
            return _ordered(account, order)
        case AccountBaselined(data=baseline):
            return changed(
                account,
                opened_on=baseline.opened_on,
                last_trade_on=_later(account.last_trade_on, baseline.last_trade_on),
                last_position_on=_later(account.last_position_on, baseline.last_position_on),
            )
        case ClockTicked():
            return _checked(account)
        case DayClosed():
            return account
        case _:
            assert_never(event)


def _moved(account: Account, day: date, withdrawn: int, net: int) -> Account:
    was = account.days.get(day, Day())
    now = Day(was.withdrawn + withdrawn, was.net + net, was.opening)
    return changed(account, days={**account.days, day: now})


def _settled(account: Account, settlement: Settlement) -> Account:
    """Take the day's final figures; a later day's settlement is never undone by an earlier one's.

    Days before the settled one are forgotten, but for sums that a late movement may still add to;
    the day itself is kept until the next settlement, for sources that bring it with the files.
    """
    day, last, lots = settlement.trading_day, account.settled, settlement.position_lots
    account = changed(
        account,
        overdrafts=_overdrafts(account, settlement),
        last_trade_on=_later(account.last_trade_on, day if settlement.traded_lots else None),
        last_position_on=_later(account.last_position_on, day if lots else None),
    )
    if last is not None and day < last:
        return account
    told = settlement.opening_equity
    opening = account.opening(day) if told is None else int(told)
    days = {
        d: flows
        for d, flows in account.days.items()
        if d >= day or (flows.withdrawn and day - d <= KEEP_WITHDRAWN)
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
    )


def _overdrafts(account: Account, settlement: Settlement) -> dict[date, int]:
    day = settlement.trading_day
    if settlement.available < 0:
        return {**account.overdrafts, day: int(settlement.available)}
    kept = account.overdrafts.items()
    return {d: a for d, a in kept if d != day and day - d <= KEEP_OVERDRAFTS}


def _ordered(account: Account, event: ForcedOrder) -> Account:
    """Take an order's state; an older one, or one that comes after its end, changes nothing."""
    was = account.orders.get(event.order_id)
    if was is not None and (was.ended or event.at < was.at or event.filled < was.filled):
        return account
    now = Order(
        instrument=event.instrument,
        direction=event.direction,
        lots=event.lots,
        filled=event.filled,
        reason=event.reason,
        status=event.status,
        at=event.at.astimezone(UTC),
        placed_at=event.at.astimezone(UTC) if was is None else was.placed_at,
        day=event.trading_day,
        ended=_ENDS.get(event.status, ""),
    )
    traded = event.trading_day if event.filled else None
    return changed(
        account,
        orders={**account.orders, event.order_id: now},
        last_trade_on=_later(account.last_trade_on, traded),
    )


def _checked(account: Account) -> Account:
    """The minute's check: an order for lack of funds is cured once available is not negative."""
    if account.available is None or account.available < 0 or account.available_at is None:
        return account
    orders = dict(account.orders)
    for id_, order in account.open_orders().items():
        if order.reason in FUND_REASONS and account.available_at > order.placed_at:
            orders[id_] = replace(order, ended="cured")
    return account if orders == account.orders else changed(account, orders=orders)


def _later(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
