"""A broker's day in files: every kind of CFMMC file that a day has. Every account is made up.

Every account has its line in 客户资金, 客户资料 and 结算账户, and two codes. A fifth trades, five
trades each, two of them closing; a quarter holds two contracts, bought by one trade each. One in
twenty moves money, one in twenty trades and holds an option, one in a hundred pays another charge,
one in a thousand delivers. Nothing was known before: each client is new, and sealed for the first
time.
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

DAY = date(2026, 6, 1)
OPTION = "m2609-C-3000"


def account(number: int) -> str:
    return f"8{number:07}"


def write_files(folder: Path, accounts: int) -> int:
    """Write the day's files, then rename them in; return how many rows."""
    rows = sum(_write(folder / f".{kind}", lines(accounts)) for kind, lines in FILES.items())
    for kind in FILES:
        (folder / f".{kind}").replace(folder / f"0001{kind}{DAY:%Y%m%d}.txt")
    return rows


def _write(path: Path, lines: Iterator[str]) -> int:
    count = 0
    with path.open("w", encoding="gb18030", newline="\r\n") as out:
        for line in lines:
            out.write(f"{line}\n")
            count += 1
    return count


def _customer(n: int) -> str:
    card, phone = f"110101190001{n:06}", f"169{n:08}"
    return (
        f"{DAY}@虚构{n}@{card}@{account(n)}@虚构市@样例路{n}号@000000@{phone}@开户@N@自然人"
        f"@2019-03-01@@@@@N{'@' * 11}"
    )


def _cusaccount(n: int) -> str:
    return f"{DAY}@{account(n)}@ICBC@62220000{n:08}@A@虚构{n}@虚构银行@CNY@1"


def _cuscode(n: int, k: int) -> str:
    return f"{DAY}@{account(n)}@{'SD'[k]}@{n:08}"


def _fundchg(n: int) -> str:
    sign = "-" if n % 40 else ""
    return f"{DAY}@{account(n)}@{sign}{10_000 + n}.00@1@6225@1@9558@出入金@N@CNY@A@{DAY}"


def _otherfund(n: int) -> str:
    return f"{DAY}@{account(n)}@S@SBF@12.50@申报费@{n:08}@N@CNY"


def _trade(n: int, k: int) -> str:
    side, offset = ("B", "O") if k % 2 else ("S", "L")
    return (
        f"{DAY}@{account(n)}@{n * 5 + k}@rb2610@{side}@{1 + k}@3120.00@{31_200 * (1 + k)}.00"
        f"@09:30:0{k}@{offset}@S@0.00@0.00@{9 + k}.36@{n:08}@S@N@{n}@1@CNY@{DAY}"
    )


def _option_trade(n: int) -> str:
    return (
        f"{DAY}@{account(n)}@P{n}@{OPTION}@B@2@85.5@1710.00@21:05:00@O@S@1.00@C@3000.00@m@m2609"
        f"@{n:08}@D@N@{n}@1@CNY@2026-05-29@@"
    )


def _close_out(n: int, k: int) -> str:
    return (
        f"{DAY}@{account(n)}@rb2610@{n * 5 + 2 * k}@S@3150@3120@{1 + k}@3140@3160@300.00@900.00"
        f"@O{n}@{n:08}@CNY@{DAY}"
    )


def _option_close_out(n: int) -> str:
    return (
        f"{DAY}@{account(n)}@{OPTION}@Q{n}@S@90@85.5@2@86@91@1800.00@1710.00@P{n}@{n:08}@CNY@{DAY}"
        "@@80.00@90.00"
    )


def _held(n: int, k: int) -> str:
    side = "B" if k else "S"
    return (
        f"{DAY}@{account(n)}@{'rb2610' if k else 'ag2612'}@{side}@S@5@21840.00@100.00@-250.50"
        f"@3125.12@3140.00@3142.00@{n:08}@S@N@CNY@@"
    )


def _option_held(n: int) -> str:
    return (
        f"{DAY}@{account(n)}@{OPTION}@B@S@2@0.00@100.00@-250.50@85.5@86@91@{n:08}@D@N@CNY@C@3000.00"
        "@m@m2609@@"
    )


def _detail(n: int, k: int) -> str:
    return (
        f"{DAY}@{account(n)}@{'rb2610' if k else 'ag2612'}@O{n}-{k}@{'B' if k else 'S'}@S@5@3120"
        f"@3140@3142@60.00@660.00@{n:08}@13104.00@CNY@{DAY}@@"
    )


def _delivery(n: int) -> str:
    return f"{DAY}@{account(n)}@cu2606@S@71000@355000.00@71500@357500.00@1@20.00@2500.00@{n:08}@CNY"


def _cusfund(n: int) -> str:
    equity = f"{100_000 + n}.00"
    zeros = "@".join(["0.00"] * 7)
    return f"{DAY}@{account(n)}@{equity}@{equity}@0.00@0.00@{equity}@{zeros}@N@CNY@{zeros}"


Lines = Callable[[int], Iterator[str]]


def _each(line: Callable[[int], str], step: int = 1) -> Lines:
    return lambda accounts: (line(n) for n in range(0, accounts, step))


def _several(line: Callable[[int, int], str], rows: int, step: int = 1) -> Lines:
    return lambda accounts: (line(n, k) for n in range(0, accounts, step) for k in range(rows))


FILES: dict[str, Lines] = {
    "customer": _each(_customer),
    "cusaccount": _each(_cusaccount),
    "cuscode": _several(_cuscode, 2),
    "fundchg": _each(_fundchg, 20),
    "otherfund": _each(_otherfund, 100),
    "trddata": _several(_trade, 5, 5),
    "opttrddata": _each(_option_trade, 20),
    "liquiddetails": _several(_close_out, 2, 5),
    "optliquiddetails": _each(_option_close_out, 20),
    "holddetails": _several(_detail, 2, 4),
    "delivdetails": _each(_delivery, 1000),
    "holddata": _several(_held, 2, 4),
    "optholddata": _each(_option_held, 20),
    "cusfund": _each(_cusfund),
}
"""Kind → its lines for so many accounts, in the order of taking."""
