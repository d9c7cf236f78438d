"""A broker's day as raw files, made up from the accounts' numbers, and the same lines in SQL.

The expected answers are SELECTs over the lines themselves, cut at their separators by PostgreSQL:
nothing of ingest's reading and nothing of profile's tables is in them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import asyncpg

DAY = date(2026, 6, 1)
MANAGERS, BRANCHES = 40, 7
CONTRACTS = (("rb2610", "S"), ("ag2612", "S"), ("m2609", "D"), ("jd2608", "D"), ("sc2609", "N"))
OPTION = "m2609-C-3000"
SCORES, INVESTORS = ("80", "79", "", "100"), ("", "专业投资者", "普通投资者")
BORN = ("1955-06-01", "1955-06-02", "1956/06/01", "", "19900101", "2050-01-01")
INCOMES, JOBS = ("工资", "依靠积蓄", "", "社保收入", "经营所得"), ("教师", "无业", "", "待业在家")
Rows = list[tuple[Any, ...]]

RELATIONS = """
CREATE VIEW owned AS SELECT split_part(line, ',', 1) AS account, split_part(line, ',', 2) AS client,
  split_part(line, ',', 4) AS type, split_part(line, ',', 5) AS manager,
  split_part(line, ',', 6) AS branch, split_part(line, ',', 9) AS score,
  split_part(line, ',', 10) AS investor, split_part(line, ',', 11) AS born,
  split_part(line, ',', 12) AS income, split_part(line, ',', 13) AS job
FROM raw WHERE kind = 'relations' AND line NOT LIKE 'account,%'
"""
SETTLED = """
CREATE VIEW settled AS SELECT split_part(line, '@', 1)::date AS day,
  split_part(line, '@', 2) AS account,
  split_part(line, '@', 3)::numeric AS equity, split_part(line, '@', 4)::numeric AS available,
  split_part(line, '@', 7)::numeric AS opening,
  CASE WHEN m.margin >= 0 THEN m.margin END AS margin
FROM raw, LATERAL (SELECT split_part(line, '@', 3)::numeric - split_part(line, '@', 4)::numeric
  - split_part(line, '@', 22)::numeric AS margin) m WHERE kind = 'cusfund'
"""
FUNDS = f"CREATE VIEW funds AS SELECT * FROM settled WHERE day = '{DAY}'"  # noqa: S608 ours
HELD = """
CREATE VIEW held AS SELECT split_part(line, '@', 2) AS account,
  split_part(line, '@', 3) AS instrument,
  rtrim(left(split_part(line, '@', 3), 2), '0123456789') AS product,
  CASE split_part(line, '@', 4) WHEN 'B' THEN 'long' ELSE 'short' END AS side,
  split_part(line, '@', 6)::integer AS lots, split_part(line, '@', 7)::numeric AS margin,
  split_part(line, '@', 8)::numeric AS profit
FROM raw WHERE kind IN ('holddata', 'optholddata')
"""
MOVED = """
CREATE VIEW moved AS SELECT split_part(line, '@', 1)::date AS day,
  split_part(line, '@', 2) AS account,
  split_part(line, '@', 3)::numeric AS amount FROM raw WHERE kind = 'fundchg'
"""
SUMS = (
    "count(DISTINCT o.client) AS clients, count(*) AS accounts, sum(f.equity) AS equity,"
    " sum(f.available) AS available, sum(f.margin) AS margin"
    " FROM owned o LEFT JOIN funds f USING (account)"
)


def files(accounts: int, seed: int = 1) -> Mapping[str, list[str]]:
    """Return name → lines. Two accounts of a client, none of a manager and debts are among them."""
    random = Random(seed)  # noqa: S311 a day, not a secret
    numbers = range(accounts)
    return {
        "relations.csv": [
            "account,customer_id,customer_name,customer_type,manager_id,branch_id,"
            "introducing_broker,since,知识测试,投资者类型,生日,收入来源,职业",
            *map(_relation, numbers),
        ],
        _name("fundchg"): [line for n in numbers if n % 5 == 0 for line in movements(n, random)],
        _name("holddata"): [line for n in numbers if n % 3 == 0 for line in _held(n, random)],
        _name("optholddata"): [_option(n, random) for n in numbers if n % 11 == 0],
        _name("cusfund"): [_funds(n, random) for n in numbers],
    }


def _name(kind: str) -> str:
    return f"0137{kind}{DAY:%Y%m%d}.txt"


def _kind(name: str) -> str:
    return name.partition(".")[0].strip("0123456789")


def account(number: int) -> str:
    return f"8{number:07}"


def drop(folder: Path, day: Mapping[str, list[str]]) -> None:
    """Put the files into ingest's folder, each whole at once."""
    for name, lines in day.items():
        encoding = "utf-8" if name.endswith(".csv") else "gb18030"
        draft = folder / f".{name}.part"
        draft.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
        draft.replace(folder / name)


async def scratch(
    dsn: str, day: Mapping[str, list[str]], views: Sequence[str] = ()
) -> "asyncpg.Connection[Any]":
    """Put the lines as they are into a scratch table, with views that cut them."""
    connection = await asyncpg.connect(dsn.replace("+asyncpg", ""), ssl=False)
    await connection.execute("CREATE TABLE raw (kind text, line text)")
    rows = [(_kind(name), line) for name, lines in day.items() for line in lines]
    await connection.copy_records_to_table("raw", records=rows)
    for view in (RELATIONS, SETTLED, FUNDS, HELD, MOVED, *views):
        await connection.execute(view)
    return connection


def _relation(n: int) -> str:
    owner = n - 1 if n % 10 == 9 else n  # nine in ten have one account
    manager = "" if n % 17 == 0 else f"m{n % MANAGERS:03}"
    branch = "" if n % 23 == 0 else f"b{n % MANAGERS % BRANCHES:02}"
    type_ = "一般法人" if owner % 13 == 0 else "自然人"
    told = (SCORES[owner % 4], INVESTORS[owner % 19 % 3], BORN[owner % 6])
    life = (INCOMES[owner % 7 % 5], JOBS[owner % 11 % 4])
    said = ",".join((*told, *life))
    return f"{account(n)},c{owner:06},虚构{n},{type_},{manager},{branch},,2019-03-01,{said}"


def _funds(n: int, random: Random) -> str:
    equity = random.randint(-50_000, 90_000_000)  # 分
    available = equity - random.randint(-1_000, 40_000_000)
    frozen = random.choice([0, 0, 12_345])
    opening = random.randint(0, 90_000_000)
    cells = [yuan(equity), yuan(available), "0.00", "0.00", yuan(opening), *["0.00"] * 7]
    tail = ["N", "CNY", *["0.00"] * 5, yuan(frozen), "0.00"]
    return "@".join([str(DAY), account(n), *cells, *tail])


def movements(n: int, random: Random, day: date = DAY) -> Iterator[str]:
    for _ in range(random.randint(1, 3)):
        amount = yuan(random.choice([-1, 1]) * random.randint(1, 9_000_000))
        yield f"{day}@{account(n)}@{amount}@1@6225@1@9558@出入金@N@CNY@A@{day}"


def _held(n: int, random: Random) -> Iterator[str]:
    for instrument, exchange in random.sample(CONTRACTS, random.randint(1, 3)):
        side, lots = random.choice("BS"), random.randint(1, 99)
        margin, profit = random.randint(0, 9_999_999), random.randint(-999_999, 999_999)
        yield (
            f"{DAY}@{account(n)}@{instrument}@{side}@S@{lots}@{yuan(margin)}@{yuan(profit)}@0.00"
            f"@3125.12@3140.00@3142.00@{n:08}@{exchange}@N@CNY@@"
        )


def _option(n: int, random: Random) -> str:
    return (
        f"{DAY}@{account(n)}@{OPTION}@B@S@{random.randint(1, 9)}@0.00@100.00@-250.50@85.5@86@91"
        f"@{n:08}@D@N@CNY@C@3000.00@m@m2609@@"
    )


def yuan(cents: int) -> str:
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02}"
