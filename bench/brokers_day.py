"""What a broker's counter pushes through a day. Every account is made up from its number.

60 % are trades, 30 % fund snapshots, 5 % holdings and 5 % movements of money.
"""

import json
from collections.abc import Iterator
from typing import Any

from bench.brokers_files import DAY, account

BROKER = "bench"


def events(count: int, accounts: int, start: int = 0) -> Iterator[dict[str, Any]]:
    """Yield what the counter pushes; no two are the same event."""
    for number in range(start, start + count):
        yield _event(number, account(number * 7919 % accounts))


def _event(number: int, whose: str) -> dict[str, Any]:
    hour, minute = divmod(number // 10_000 % 360, 60)
    at = f"2026-06-01T{9 + hour:02}:{minute:02}:{number % 60:02}+08:00"
    kind = number % 20
    if kind < 12:
        type_, data = "trade.executed", _trade_body(number, at)
    elif kind < 18:
        equity = f"{100_000 + number % 90_000}"
        type_, data = "account.snapshotted", {"equity": equity, "available": equity, "at": at}
    elif kind < 19:
        holding = {"exchange": "SHFE", "instrument": "rb2610", "side": "long", "lots": number % 50}
        type_, data = "position.snapshotted", {"holding": holding, "at": at}
    else:
        money = {"amount": f"{1 + number}.00", "serial": f"{number}", "happened_at": at}
        type_, data = "funds.deposited", money
    whole = {"broker": BROKER, "account": whose, "trading_day": str(DAY), **data}
    return {
        "specversion": "1.0",
        "id": f"{type_}/{number}",
        "source": "counter",
        "type": type_,
        "subject": f"{BROKER}:{whose}",
        "time": at,
        "data": whole,
    }


def _trade_body(number: int, at: str) -> dict[str, Any]:
    return {
        "exchange": "SHFE",
        "instrument": "rb2610",
        "trade_id": f"{number}",
        "direction": "buy",
        "offset": "open",
        "lots": 3,
        "price": "3120.00",
        "executed_at": at,
    }


def batches(count: int, size: int, accounts: int, start: int = 0) -> list[bytes]:
    """Return the pushes: JSON arrays of ``size`` events each."""
    made = [json.dumps(event, ensure_ascii=False) for event in events(count, accounts, start)]
    return [f"[{','.join(made[n : n + size])}]".encode() for n in range(0, count, size)]
