"""How a broker's tables reach ingest: as CSV, as a workbook, or as rows of its database."""

import asyncio
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import xlsxwriter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.embedded.waiting import until
from deploy.synthetic.company import File
from deploy.synthetic.drop import write
from deploy.synthetic.tables import TABLES
from tests.kit.ways.profiles import BALANCES, PULLS

NUMBER = re.compile(r"-?\d{1,13}(\.\d{1,3})?", re.ASCII)
TEXTS = ("资金账号", "交易日", "成交编号", "流水号")
SQL = {
    "交易日": "date",
    "发生日期": "date",
    "成交时间": "timestamp",
    **dict.fromkeys(("手数", "成交手数", "持仓手数"), "numeric"),
    **dict.fromkeys(("入金", "出金", "成交价", "手续费", "盯市盈亏", "对冲盈亏"), "numeric"),
    **dict.fromkeys(("期初权益", "期末权益", "可用资金", "保证金"), "numeric"),
}
"""Column → its type; any other is text."""
PULLED_WITHIN_S = 30.0


def put(folder: Path, file: File) -> Path:
    """Drop a file, as a workbook where its name says so."""
    if not file.name.endswith(".xlsx"):
        return write(folder, file)
    final, draft = folder / file.name, folder / f".{file.name}.part"
    _workbook(draft, file)
    draft.replace(final)
    return final


def _workbook(path: Path, file: File) -> None:
    """Write what a settlement system exports: two lines of title, the header, numbers as such."""
    with xlsxwriter.Workbook(path) as book:
        title = file.name.partition("_")[0]
        page = book.add_worksheet(title)
        page.write(0, 0, title)
        rows = list(csv.reader(file.lines))
        for place, cells in enumerate(rows, 2):
            for column, cell in enumerate(cells):
                if rows[0][column] not in TEXTS and NUMBER.fullmatch(cell):
                    page.write_number(place, column, float(cell))
                else:
                    page.write_string(place, column, cell)


@dataclass
class Database:
    """The broker's own, which ingest pulls: rows are only ever added, each with a number.

    Money that moved is booked before a settlement says what it came to, and that before the day's
    files: so each waits until what comes before it was pulled.
    """

    url: str
    ingest: str
    rows: dict[str, int] = field(default_factory=dict)

    def create(self) -> None:
        """Make the tables."""
        self._run(
            [
                (f'CREATE TABLE "{title}" (id bigserial PRIMARY KEY, {_columns(title)})', None)
                for title in PULLS
            ]
        )

    def put(self, folder: Path, file: File) -> Path:
        """Drop a file, or add the rows of one that is a table's."""
        title = file.name.partition("_")[0]
        if title not in PULLS:
            self._wait(list(PULLS.values()))
            return put(folder, file)
        if title == BALANCES:
            self._wait([name for table, name in PULLS.items() if table != BALANCES])
        header, *rows = csv.reader(file.lines)
        self._insert(title, header, rows)
        return folder / file.name

    def _insert(self, title: str, header: list[str], rows: list[list[str]]) -> None:
        named = ", ".join(f'"{name}"' for name in header)
        values = ", ".join(
            f"CAST(NULLIF(CAST(:c{n} AS text), '') AS {SQL.get(name, 'text')})"
            for n, name in enumerate(header)
        )
        told = [{f"c{n}": cell for n, cell in enumerate(row)} for row in rows]
        if told:
            self._run([(f'INSERT INTO "{title}" ({named}) VALUES ({values})', told)])  # noqa: S608
        self.rows[PULLS[title]] = self.rows.get(PULLS[title], 0) + len(told)

    def _run(self, statements: Sequence[tuple[str, list[dict[str, Any]] | None]]) -> None:
        async def run() -> None:
            engine = create_async_engine(self.url, poolclass=NullPool)
            async with engine.begin() as connection:
                for statement, values in statements:
                    await connection.execute(text(statement), values)
            await engine.dispose()

        asyncio.run(run())

    def _wait(self, pulls: Sequence[str]) -> None:
        """Wait until ingest has pulled every row of these; fail when it does not."""

        def left() -> dict[str, float]:
            counts = self._counts()
            return {name: self.rows.get(name, 0) - counts.get(name, 0) for name in pulls}

        assert until(lambda: not any(left().values()), PULLED_WITHIN_S), left()

    def _counts(self) -> dict[str, float]:
        shown = httpx.get(f"{self.ingest}/metrics", trust_env=False).text
        found = re.findall(r'^ingest_pulled_rows_total\{pull="(\w+)"\} (\S+)$', shown, re.M)
        return {name: float(count) for name, count in found}


def _columns(title: str) -> str:
    return ", ".join(f'"{name}" {SQL.get(name, "text")}' for name in TABLES[title].columns)
