"""The days before ``raw_day.DAY`` and what is told of the clients, as raw files: name → lines.

Figures lie on the thresholds of the rules, one step above and one below.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from random import Random

from tests.kit.raw_day import DAY, account, movements, yuan

BEFORE = tuple(date(2026, 5, day) for day in (26, 27, 28, 29))  # the trading days, a weekend behind
INSTRUMENTS = (
    *(("rb2610", "S"),) * 12,
    *(("sc2609", "N"), ("bc2610", "N"), ("TA609", "Z"), ("i2609", "D"), ("IF2606", "J")),
)
OPENED = ("2019-03-01", "2025-06-01", "2025-06-02", "2026-05-26", "2026-05-27")
LEVELS, UNTIL = ("C4", "C3", "C4", "", "C5", "C4"), ("2027-01-01", "2026-05-29", f"{DAY}", "")
AVAILABLE = (10_000_000, 9_999_999, 50_000_000, 49_999_999, 80_000_000, 70_000_000)  # 分
Files = Mapping[str, list[str]]


def files(accounts: int, seed: int = 2) -> Files:
    """Return what came before the day, the day's trades, and the baselines and agreements."""
    random = Random(seed)  # noqa: S311 a past, not a secret
    numbers = range(accounts)
    made = {
        "staff.csv": ["staff_id,name,role,branch_id", "r1,李敏,risk,b00"],
        "baselines.csv": ["account,opened_on,risk_level,risk_level_until", *_baselines(numbers)],
        "agreements.csv": ["account,kind,starts_on,ends_on", *_agreements(numbers)],
        _name("cuscode", DAY): [f"{DAY}@{account(n)}@{flag}@{n:08}" for n, flag in _codes(numbers)],
        _name("opttrddata", DAY): [_option(n) for n in numbers if n % 21 == 0],
    }
    for day in (*BEFORE, DAY):
        lines = [line for n in numbers if n % 3 for line in _trades(n, day, random)]
        made[_name("trddata", day)] = lines
    for day in BEFORE:
        moved = [line for n in numbers if n % 7 == 0 for line in movements(n, random, day)]
        made[_name("fundchg", day)] = moved
        known = (n for n in numbers if day != BEFORE[0] or n % 25)
        made[_name("cusfund", day)] = [_funds(n, day, random) for n in known]
    return made


def _name(kind: str, day: date) -> str:
    return f"0137{kind}{day:%Y%m%d}.txt"


def _baselines(numbers: range) -> Iterator[str]:
    for n in numbers:
        if n % 12 != 5:
            opened, level, until = OPENED[n % 5], LEVELS[n % 6], UNTIL[n // 6 % 4]
            yield f"{account(n)},{opened},{level},{until}"


def _agreements(numbers: range) -> Iterator[str]:
    for n in numbers:
        if n % 15 == 0:
            yield f"{account(n)},权限-原油,2025-07-01,{('', '2026-05-31', str(DAY))[n % 3]}"
        if n % 14 == 1:
            yield f"{account(n)},权限-大商所期权,{('2026-06-02', '2026-06-01')[n % 2]},"
        if n % 9 == 2:
            yield f"{account(n)},交返,2025-07-01,"


def _codes(numbers: range) -> Iterator[tuple[int, str]]:
    for n in numbers:
        if n % 16 == 3:
            yield n, "J"
        if n % 9 == 0:
            yield n, "S"


def _funds(n: int, day: date, random: Random) -> str:
    available = random.choice(AVAILABLE[n % 6 :])
    equity = available + random.choice([0, 30_000_000])
    opening = equity + random.choice([-5_000_000, 0, 10_000_000])
    cells = [yuan(equity), yuan(available), "0.00", "0.00", yuan(opening), *["0.00"] * 7]
    return "@".join([str(day), account(n), *cells, "N", "CNY", *["0.00"] * 7])


def _trades(n: int, day: date, random: Random) -> Iterator[str]:
    """An order in one part or two, an order without a number; some open what asks for leave."""
    if random.random() < n % 4 / 4:
        return
    for order in range(random.choice([1, 1, 2, 3])):
        instrument, exchange = random.choice(INSTRUMENTS)
        side, offset = random.choice([("B", "O"), ("S", "O"), ("S", "L"), ("B", "L")])
        number = random.choice(["", f"{order}"])  # the same numbers every day
        for part in range(random.choice([1, 2])):
            fee = random.choice(["0.00", "12.50", "150.25", "900.00"])
            yield (
                f"{day}@{account(n)}@{n}T{order}P{part}@{instrument}@{side}@{1 + part}@3120.00"
                f"@93600.00@09:30:05@{offset}@S@0.00@0.00@{fee}@{n:08}@{exchange}@N@{number}@1@CNY@{day}"
            )


def _option(n: int) -> str:
    return (
        f"{DAY}@{account(n)}@{n}P@m2609-C-3000@B@2@85.5@1710.00@21:05:00@{'OL'[n % 2]}@S@1.00@C"
        f"@3000.00@m@m2609@{n:08}@D@N@{n}@1@CNY@2026-05-29@@"
    )
