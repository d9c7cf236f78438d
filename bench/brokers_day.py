"""A broker's day: its files, and what its counter pushes. Every account is made up from its number.

Of the accounts a fifth trades (five trades each), a quarter holds two contracts, one in twenty
moves money; every one has its line in 客户资金. Of the pushed events 60 % are trades, 30 % fund
snapshots, 5 % holdings and 5 % movements of money.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

DAY = date(2026, 6, 1)
BROKER = "bench"
PIECE = 50_000  # lines written at once


def account(number: int) -> str:
    return f"8{number:07}"


def write_files(folder: Path, accounts: int) -> int:
    """Write the day's files, then rename them in; return how many rows."""
    rows = 0
    files = {
        "fundchg": (_fundchg(n) for n in range(0, accounts, 20)),
        "trddata": (_trade(n, k) for n in range(0, accounts, 5) for k in range(5)),
        "holddata": (_held(n, k) for n in range(0, accounts, 4) for k in range(2)),
        "cusfund": (_cusfund(n) for n in range(accounts)),
    }
    for kind, lines in files.items():
        rows += _write(folder / f".{kind}", lines)
    for kind in files:
        (folder / f".{kind}").replace(folder / f"0001{kind}{DAY:%Y%m%d}.txt")
    return rows


def _write(path: Path, lines: Iterator[str]) -> int:
    count = 0
    with path.open("w", encoding="gb18030", newline="\r\n") as out:
        for line in lines:
            out.write(f"{line}\n")
            count += 1
    return count


def _fundchg(n: int) -> str:
    sign = "-" if n % 40 else ""
    return f"{DAY}@{account(n)}@{sign}{10_000 + n}.00@1@6225@1@9558@出入金@N@CNY@A@{DAY}"


def _trade(n: int, k: int) -> str:
    side, offset = ("B", "O") if k % 2 else ("S", "L")
    return (
        f"{DAY}@{account(n)}@{n * 5 + k}@rb2610@{side}@{1 + k}@3120.00@{31_200 * (1 + k)}.00"
        f"@09:30:0{k}@{offset}@S@0.00@0.00@{9 + k}.36@{n:08}@S@N@{n}@1@CNY@{DAY}"
    )


def _held(n: int, k: int) -> str:
    side = "B" if k else "S"
    return (
        f"{DAY}@{account(n)}@{'rb2610' if k else 'ag2612'}@{side}@S@5@21840.00@100.00@-250.50"
        f"@3125.12@3140.00@3142.00@{n:08}@S@N@CNY@@"
    )


def _cusfund(n: int) -> str:
    equity = f"{100_000 + n}.00"
    zeros = "@".join(["0.00"] * 7)
    return f"{DAY}@{account(n)}@{equity}@{equity}@0.00@0.00@{equity}@{zeros}@N@CNY@{zeros}"


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
