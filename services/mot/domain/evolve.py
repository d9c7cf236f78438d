"""The fold: an account and one event make the account after it. Pure, and total over the types.

The table at the end says which function folds which type.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from services.mot.domain import orders
from services.mot.domain.account import FUNDED_BEFORE, STILL, Account, Day, changed
from services.mot.domain.events import (
    AccountBaselined,
    AccountSettled,
    AccountSnapshotted,
    Agreement,
    AgreementRecorded,
    Baseline,
    ClockTicked,
    DayClose,
    DayClosed,
    ForcedOrder,
    Funds,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
    OrderForceClosed,
    Reversal,
    Snapshot,
    TradingEvent,
)
from services.mot.domain.settling import balance, later, settled, traded

CURRENCY = "CNY"  # of every sum: money in another one is on the log, and in none of them
SUITABILITY, CERTIFICATE, REBATE = "suitability", "certificate", "rebate"
"""The names of what may expire, in ``Account.ends``."""


def evolve(account: Account, event: TradingEvent) -> Account:
    """Return the account after the event."""
    return _FOLD[type(event)](account, event.data)


def agreement_name(agreement: Agreement) -> str:
    """Return what an agreement's end is kept under: its kind and first day."""
    return f"{REBATE}|{agreement.kind}-{agreement.starts_on or '-'}"


def ends_told(data: Baseline | Agreement) -> dict[str, date]:
    """Return the ends that a baseline or an agreement tells, by name."""
    told = (
        {agreement_name(data): data.ends_on}
        if isinstance(data, Agreement)
        else {SUITABILITY: data.risk_level_until, CERTIFICATE: data.certificate_until}
    )
    return {name: day for name, day in told.items() if day is not None}


def _moved(account: Account, day: date, withdrawn: int, net: int) -> Account:
    was = account.days.get(day, STILL)
    now = Day(was.withdrawn + withdrawn, was.net + net, was.available)
    return changed(account, days={**account.days, day: now})


def _withdrawn(account: Account, funds: Funds) -> Account:
    if funds.currency != CURRENCY:
        return account
    return _moved(account, funds.trading_day, funds.amount, -funds.amount)


def _deposited(account: Account, funds: Funds) -> Account:
    if funds.currency != CURRENCY:
        return account
    account = _moved(account, funds.trading_day, 0, funds.amount)
    first = account.funded_on is None
    return changed(account, funded_on=funds.trading_day) if first else account


def _reversed(account: Account, back: Reversal) -> Account:
    if back.currency != CURRENCY:
        return account
    if back.direction == "withdrawal":
        return _moved(account, back.trading_day, -back.amount, back.amount)
    account = _moved(account, back.trading_day, 0, -back.amount)
    return _unfunded(account) if account.funded_on == back.trading_day else account


def _unfunded(account: Account) -> Account:
    """A first deposit that was taken back was none."""
    day = account.funded_on
    left = day is not None and account.deposited(day) > 0
    return account if left else changed(account, funded_on=None)


def _snapshotted(account: Account, snapshot: Snapshot) -> Account:
    """Take the newest figures; an older snapshot changes nothing."""
    at = snapshot.at
    if account.available_at is not None and at <= account.available_at:
        return account
    day, available, days = snapshot.trading_day, +snapshot.available, account.days
    was = days.get(day)
    if (available < 0 or (was and was.available is not None)) and account.unsettled(day):
        now = Day(available=available) if was is None else changed(was, available=available)
        days = {**days, day: now}
    return changed(
        account,
        available=available,
        available_at=at,
        days=days,
        balance=balance(snapshot),
    )


def _ordered(account: Account, event: ForcedOrder) -> Account:
    after = orders.taken(account, event)
    filled = after is not account and event.filled
    return traded(after, event.trading_day if filled else None)


def _baselined(account: Account, baseline: Baseline) -> Account:
    active = baseline.last_trade_on or baseline.last_position_on
    account = changed(
        account,
        opened_on=baseline.opened_on,
        last_position_on=later(account.last_position_on, baseline.last_position_on),
        funded_on=account.funded_on or (FUNDED_BEFORE if active else None),
        ends={**account.ends, **ends_told(baseline)},
    )
    return traded(account, baseline.last_trade_on)


def _agreed(account: Account, agreement: Agreement) -> Account:
    name = agreement_name(agreement)
    others = {other: day for other, day in account.ends.items() if other != name}
    return changed(account, ends={**others, **ends_told(agreement)})


def _closed(account: Account, close: DayClose) -> Account:
    """Nothing of the day is open any more: its settlements came before.

    Of an account that is in none of its files the day's last 可用 stays unknown.
    """
    day = close.trading_day
    if account.orders:
        account = orders.closed(account, day)
    if all(flows.available is None or d > day for d, flows in account.days.items()):
        return account
    days = account.days.items()
    unknown = {d: changed(flows, available=None) for d, flows in days if d <= day}
    return changed(account, days={**account.days, **unknown})


_FOLD: dict[type[Any], Callable[[Account, Any], Account]] = {
    AccountSnapshotted: _snapshotted,
    FundsWithdrawn: _withdrawn,
    FundsDeposited: _deposited,
    FundsReversed: _reversed,
    AccountSettled: settled,
    OrderForceClosed: _ordered,
    AccountBaselined: _baselined,
    AgreementRecorded: _agreed,
    ClockTicked: orders.checked,
    DayClosed: _closed,
}
