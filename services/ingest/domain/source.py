"""来源 — one kind of dropped file: how it is named, what its columns are, what a row means.

Two shapes: CFMMC files have no header and are read by position (``positional``); directory files
by their header.
"""

import csv
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from services.ingest.domain.progress import STEP
from services.ingest.domain.rows import Bad, BadRow, Good, Reading, Unreadable, lines
from shared.contracts.topics import Topic
from shared.kernel.trading_day import Calendar, OutsideCoverage, TradingDay

R = TypeVar("R")
T = TypeVar("T")
Cells = Mapping[str, str]

BOM = b"\xef\xbb\xbf"
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)", re.ASCII)


def _nobody(rows: int) -> None:
    """Hear how many rows were read."""


@dataclass(frozen=True)
class Context:
    """What a row is read against: the trading day of its file (None: the file has none).

    ``told``: hears how many rows of a long file were read.
    """

    calendar: Calendar
    day: TradingDay | None
    told: Callable[[int], None] = _nobody

    def counted(self, rows: Iterable[T]) -> Iterator[T]:
        """Yield the rows, and tell how many went by."""
        for number, row in enumerate(rows, 1):
            if number % STEP == 0:
                self.told(number)
            yield row


@dataclass(frozen=True, kw_only=True)
class Source(ABC, Generic[R]):
    """One kind of file. ``order``: which is taken first when several wait.

    ``dated``: the name must carry the trading day. ``personal``: its bad lines hold names or
    phone numbers and are sealed before they are kept. ``may_be_empty``: a day may have no row.
    """

    name: str
    order: int
    topic: Topic
    pattern: re.Pattern[str]
    dated: bool = False
    personal: bool = False
    may_be_empty: bool = False

    @property
    def handler(self) -> str:
        """Return which handler takes its rows."""
        return self.name

    @abstractmethod
    def parse(self, data: bytes, context: Context) -> Reading[R]:
        """Read a file's bytes; raises ``Unreadable``."""


@dataclass(frozen=True, kw_only=True)
class ByRow(Source[R]):
    """A file that is read row by row."""

    read: Callable[[Cells, Context], R]


@dataclass(frozen=True, kw_only=True)
class Tabular(ByRow[R]):
    """A directory file: CSV with a header, or the cells of an Excel sheet."""

    required: frozenset[str] = frozenset()

    def parse(self, data: bytes, context: Context) -> Reading[R]:
        """Read CSV, in UTF-8 or GB18030; raises ``Unreadable`` without a usable header."""
        return self.tabulate(_csv_rows(data.removeprefix(BOM)), context)

    def tabulate(self, rows: Iterable["Row"], context: Context) -> Reading[R]:
        """Read rows of cells, the first of which is the header."""
        waiting = iter(rows)
        header = self._header(next(waiting, None))
        good: list[Good[R]] = []
        bad: list[Bad] = []
        for row in context.counted(waiting):
            try:
                good.append(Good(row.line, row.raw, self.read(row.under(header), context)))
            except BadRow as failure:
                bad.append(Bad(row.line, row.raw, str(failure), self._whose(row, header)))
        return Reading(tuple(good), tuple(bad))

    def _whose(self, row: "Row", header: Sequence[str]) -> str | None:
        """Return the account of a row that cannot be read otherwise, where that matters."""
        return None

    def _header(self, row: "Row | None") -> tuple[str, ...]:
        if row is None:
            raise Unreadable("the file is empty")
        if row.fault:
            raise Unreadable(f"the header is {row.fault}")
        header = tuple(cell.strip().lower() for cell in row.cells)
        missing = sorted(self.required - set(header))
        if missing:
            raise Unreadable(f"the header lacks {', '.join(missing)}")
        doubled = sorted({name for name in header if name and header.count(name) > 1})
        if doubled:
            raise Unreadable(f"the header has {', '.join(doubled)} twice")
        return header


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells as text, or why its bytes are none."""

    line: int
    raw: bytes
    cells: Sequence[str]
    fault: str = ""

    def under(self, header: Sequence[str]) -> Cells:
        """Return the cells by column name; raises ``BadRow``."""
        if self.fault:
            raise BadRow("line", self.fault)
        if len(self.cells) > len(header) and any(self.cells[len(header) :]):
            raise BadRow("line", f"{len(self.cells)} cells under {len(header)} columns")
        named = zip(header, self.cells, strict=False)
        return {name: cell.strip() for name, cell in named if name}


def _csv_rows(data: bytes) -> Iterable[Row]:
    numbered = list(lines(data))
    encoding = min(("utf-8", "gb18030"), key=lambda name: _undecodable(numbered, name))
    for number, raw in numbered:
        try:
            yield Row(number, raw, next(csv.reader([raw.decode(encoding)], strict=True)))
        except UnicodeDecodeError:
            yield Row(number, raw, (), "neither UTF-8 nor GB18030")
        except csv.Error:
            yield Row(number, raw, (), "not CSV: a quote is not closed on its line")


def _undecodable(numbered: Sequence[tuple[int, bytes]], encoding: str) -> int:
    return sum(not _decodes(raw, encoding) for _, raw in numbered)


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def day_in_name(name: str, calendar: Calendar) -> TradingDay | None:
    """Return the trading day a file's name carries, or None; raises ``Unreadable`` when impossible.

    >>> from shared.kernel.trading_day import china
    >>> day_in_name("relations.csv", china()), day_in_name("staff_20260530.csv", china())
    (None, datetime.date(2026, 6, 1))
    """
    found = _DAY_IN_NAME.search(name)
    if not found:
        return None
    try:
        return calendar.on_or_after(date(int(found[1]), int(found[2]), int(found[3])))
    except (ValueError, OutsideCoverage) as failure:
        raise Unreadable(f"the day in the name: {failure}") from None
