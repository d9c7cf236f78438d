"""A broker's clients with their days, made up from their numbers and put into profile by COPY.

Every client has one account, a row of each trading day and the funds of now; a hundredth of the
clients are a manager's, ten managers a branch. Two runs load the same rows, apart from what the
cipher salts.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg

from services.profile.adapters.partitions import Partitions
from services.profile.domain.fact import closing
from services.profile.domain.facts import tables
from services.profile.domain.finder import Finder
from shared.contracts.customers import CONTEXTS
from shared.contracts.topics import ACCOUNT
from shared.db.session import engine
from shared.kernel.trading_day import Calendar
from shared.settings import PostgresSettings

BROKER, MANAGERS, BRANCHES = "bench", 100, 10
LAST = date(2026, 6, 1)
CHUNK = 2_000  # rows between two turns of the event loop
SURNAMES, GIVEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗",
    "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚",
)
SHIPPED = Path(__file__).parents[1] / "shared" / "kernel" / "calendar.json"
CALENDAR = Calendar.from_json(SHIPPED.read_bytes())
NULL = r"\N"
SIZE = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
JOIN pg_inherits i ON i.inhrelid = c.oid WHERE i.inhparent = 'account_days'::regclass
"""
Lines = Iterator[Sequence[Any]]


def account(number: int) -> str:
    """Return a client's only account."""
    return f"8{number:07}"


def client(number: int) -> str:
    """Return a client's id."""
    return f"c{number:07}"


def name(number: int) -> str:
    """Return a client's name; of 200,000 clients twenty-five share one."""
    place, surname = divmod(number, len(SURNAMES))
    second, first = divmod(place, len(GIVEN))
    return SURNAMES[surname] + GIVEN[first] + GIVEN[second % len(GIVEN)]


def phone(number: int) -> str:
    """Return a client's phone."""
    return f"138{number:08}"


@dataclass(frozen=True)
class Clientele:
    """``days``: how many trading days each client has, up to ``LAST``."""

    clients: int
    days: int
    finder: Finder

    async def load(self, dsn: str) -> dict[str, Any]:
        """Put everything into an empty profile; return how long it took and how large it is."""
        await self._make_months(dsn)
        address = dsn.replace("+asyncpg", "")
        connection = await asyncpg.connect(address, ssl=False, timeout=60)
        try:
            await connection.execute("SET search_path = profile; SET statement_timeout = 0")
            began = perf_counter()
            for table, small in self._small().items():
                await _copy(connection, table, small())
            small_s, began = perf_counter() - began, perf_counter()
            for number, day in enumerate(self.trading_days):
                await _copy(connection, "account_days", self._day(number, day))
            days_s, began = perf_counter() - began, perf_counter()
            await connection.execute("ANALYZE")
            size = await connection.fetchval(SIZE)
        finally:
            await connection.close()
        rows = self.clients * self.days
        return {
            "account_days": rows,
            "days": self.days,
            "bytes_per_day_row": round(size / rows),
            "days_gib": round(size / (1 << 30), 2),
            "clients_load_s": round(small_s, 1),
            "days_load_s": round(days_s, 1),
            "days_rows_per_s": round(rows / days_s),
            "analyze_s": round(perf_counter() - began, 1),
        }

    @property
    def trading_days(self) -> list[date]:
        """The days, the first one first."""
        return [CALENDAR.before(LAST, back) if back else LAST for back in range(self.days)][::-1]

    async def _make_months(self, dsn: str) -> None:
        database = engine(PostgresSettings.model_validate({"dsn": dsn}), "profile", pool_size=1)
        months = {f"account_days_{day:%Y_%m}" for day in self.trading_days}
        await Partitions(database).make_all("account_days", months)
        await database.dispose()

    def _small(self) -> Mapping[str, Callable[[], Lines]]:
        return {
            "clients": lambda: map(self._client, range(self.clients)),
            "relations": lambda: map(_relation, range(self.clients)),
            "live_funds": lambda: map(_live, range(self.clients)),
            "clocks": lambda: iter([(BROKER, LAST, closing(_day(LAST)))]),
            "day_closes": lambda: ((BROKER, LAST, n, 1) for n in range(ACCOUNT.partitions)),
        }

    def _client(self, number: int) -> Sequence[Any]:
        whole, called = name(number), phone(number)
        seal, index = self.finder.cipher.seal, self.finder.index.entry
        masked = f"{called[:3]}****{called[-4:]}"
        values = {
            "broker": BROKER,
            "customer_id": client(number),
            "customer_type": "自然人",
            "kind": "person",
            "display_name": whole[0] + "**",
            "sealed_name": seal(whole, CONTEXTS["sealed_name"]),
            "sealed_phone": seal(called, CONTEXTS["sealed_phone"]),
            "name_index": index("name", whole),
            "phone_index": index("phone", called),
            "masked_phone_index": index("masked_phone", masked),
            "tags": "{}",
            "sequence": 1,
        }
        return [values.get(column, NULL) for column in COLUMNS["clients"]]

    def _day(self, number: int, day: date) -> Lines:
        for n in range(self.clients):
            equity, opening = _equity(n, number), _equity(n, number - 1)
            margin, fee = equity * (n % 80) // 100, (n + number) % 40 * 1_000
            profit = equity - opening + fee
            yield (
                BROKER, account(n), day, opening, equity, equity - margin, margin,
                margin * 9 // 10, profit // 2, profit - profit // 2, fee, 0, 0,
                (n + number) % 40, n % 30, 1,
            )  # fmt: skip


COLUMNS = {table.name: list(table.types) for table in tables()}


def _equity(number: int, day: int) -> int:
    """Return an account's equity, in 厘: it wanders about a middle of its own."""
    return 1_000 * (5_000 + number * 7919 % 900_000 + (number * 31 + day * 17) % 2_001)


def _relation(number: int) -> Sequence[Any]:
    manager = number % MANAGERS
    places = (f"m{manager:03}", f"b{manager % BRANCHES:02}", NULL, "2025-01-02", 1)
    return (BROKER, client(number), account(number), *places)


def _live(number: int) -> Sequence[Any]:
    equity = _equity(number, 0)
    margin = equity * (number % 80) // 100
    figures = (equity, equity - margin, margin, margin * 9 // 10, 0, 0, 0, 0, 0)
    return (BROKER, account(number), *figures, LAST, "t", closing(_day(LAST)), 1)


def _day(day: date) -> Any:
    return CALENDAR.on_or_after(day)


async def _copy(connection: "asyncpg.Connection[Any]", table: str, rows: Lines) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        lines: list[str] = []
        for row in rows:
            lines.append("\t".join(map(str, row)))
            if len(lines) == CHUNK:
                yield ("\n".join(lines) + "\n").encode()
                lines.clear()
                await asyncio.sleep(0)
        if lines:
            yield ("\n".join(lines) + "\n").encode()

    await connection.copy_to_table(table, source=chunks(), columns=COLUMNS[table])
