"""强平单 — the life of a forced-liquidation order: placed, cured, over with its day. Of the fold.

An order is good for its trading day: what has had no last word by the day's settlement, or by the
day's close when the account is in no file, is over then.
"""

from collections.abc import Callable
from datetime import date

from services.mot.domain.account import KEEP_SPOKEN, Account, Order, changed
from services.mot.domain.events import ForcedOrder, Settlement, Tick

FUND_REASONS = frozenset("189")  # CTP ForceCloseReason: 资金不足, with and without open exposure
CURED, SETTLED, CLOSED = "cured", "settled", "closed"
_ENDS = {"filled": "filled", "cancelled": "cancelled", "rejected": "rejected"}


def taken(account: Account, event: ForcedOrder) -> Account:
    """Take an order's state; an older one, or one that comes after its end, changes nothing."""
    was, at = account.orders.get(event.order_id), event.at
    if was is not None and (was.ended or at < was.at or event.filled < was.filled):
        return account
    now = Order(
        instrument=event.instrument,
        direction=event.direction,
        lots=event.lots,
        filled=event.filled,
        reason=event.reason,
        status=event.status,
        at=at,
        placed_at=at if was is None else was.placed_at,
        day=event.trading_day,
        ended=_ENDS.get(event.status, ""),
    )
    return changed(account, orders={**account.orders, event.order_id: now})


def checked(account: Account, _: Tick) -> Account:
    """The minute's check: an order for lack of funds is cured once available is not negative."""
    if account.available is None or account.available < 0 or account.available_at is None:
        return account
    seen = account.available_at
    return _ended(
        account, lambda o: CURED if o.reason in FUND_REASONS and seen > o.placed_at else ""
    )


def settled(account: Account, settlement: Settlement) -> Account:
    """End the orders up to the settled day, and forget those that ended long ago."""
    day, enough = settlement.trading_day, settlement.available >= 0
    kept = {
        id_: order
        for id_, order in account.orders.items()
        if not order.ended or day - order.day <= KEEP_SPOKEN
    }
    return _ended(changed(account, orders=kept), lambda order: _by_settlement(order, day, enough))


def closed(account: Account, day: date) -> Account:
    """End the orders up to a closed day that no settlement has ended."""
    return _ended(account, lambda order: CLOSED if order.day <= day else "")


def _by_settlement(order: Order, day: date, enough: bool) -> str:
    if order.day > day:
        return ""
    return CURED if enough and order.reason in FUND_REASONS else SETTLED


def _ended(account: Account, end: Callable[[Order], str]) -> Account:
    """End the live orders of which ``end`` says how; the account as it is when there is none."""
    over = {
        id_: changed(order, ended=how)
        for id_, order in account.open_orders().items()
        if (how := end(order))
    }
    return changed(account, orders={**account.orders, **over}) if over else account
