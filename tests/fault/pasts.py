"""What was before the stream begins: one past for each kind of client, by the account's number.

The dates are such that near-dormancy, idleness, expiries and the empty new account come due within
the first days.
"""

from datetime import date, timedelta
from typing import Any

from shared.kernel.trading_day import TradingDay

LONG_AGO = date(2018, 1, 1)
Fact = tuple[str, dict[str, Any]]


def is_still(account: str) -> bool:
    """Tell whether the client does not trade, so that nothing happens until something is due."""
    return _kind(account) < len(HELD)


def held_by(account: str) -> int:
    """Return what a still one holds, 元."""
    return HELD[_kind(account)]


def past_of(account: str, today: TradingDay) -> list[Fact]:
    """Return the events, type and body, that tell an account's past."""
    return PASTS[_kind(account)](today)


def _nearly_asleep(today: date) -> list[Fact]:
    return [_opened(LONG_AGO, last_trade_on=today - timedelta(days=350))]


def _asleep(today: date) -> list[Fact]:
    return [_opened(LONG_AGO, last_trade_on=today - timedelta(days=700))]


def _idle(today: date) -> list[Fact]:
    return [_opened(LONG_AGO, last_trade_on=today - timedelta(days=55))]


def _new(today: date) -> list[Fact]:
    return [_opened(today - timedelta(days=4))]


def _ending(today: date) -> list[Fact]:
    ends = today + timedelta(days=29)
    grown = _opened(LONG_AGO, today, risk_level="C3", risk_level_until=ends, certificate_until=ends)
    return [grown, ("agreement.recorded", {"kind": "交返", "ends_on": ends})]


def _ordinary(today: date) -> list[Fact]:
    return [_opened(LONG_AGO, last_trade_on=today - timedelta(days=3))]


PASTS = (_nearly_asleep, _asleep, _idle, _new, _ending, _ordinary, _ordinary, _ordinary)
HELD = (800, 800, 50_000, 0)  # of the first kinds, the still ones


def _kind(account: str) -> int:
    return int(account) % len(PASTS)


def _opened(day: date, last_trade_on: date | None = None, **more: Any) -> Fact:
    dates = {"opened_on": day, "last_trade_on": last_trade_on, "last_position_on": last_trade_on}
    return "account.baselined", {**dates, **more}
