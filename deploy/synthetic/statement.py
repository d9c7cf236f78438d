"""交易结算单 — the writer of settlement statements, as a broker's counter prints them for a client.

GB18030, 盯市 or 逐笔, figures in two columns, tables between bars under headers in both languages,
each with its total row; ``break_after`` lines a page ends and the head comes again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

ENCODING = "gb18030"
WIDTH = 100
LAYOUTS = {
    "mtm": "交易结算单(盯市) Settlement Statement(MTM)",
    "tbt": "交易结算单(逐笔) Settlement Statement(Trade-for-Trade)",
}


class Column(NamedTuple):
    """A table's column: its header in both languages, and how wide it is in print."""

    chinese: str
    english: str
    width: int


@dataclass(frozen=True)
class Sheet:
    """A table with its rows, and what stands in its total row under the column of that name."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    totals: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Paper:
    """One client's statement of one day; ``figures``: label in both languages → amount."""

    account: str
    name: str
    date: str
    layout: str
    figures: dict[str, str]
    sheets: Sequence[Sheet] = ()


def file_name(account: str, day: date) -> str:
    """Return ``<account>_<yyyymmdd>.txt``.

    >>> file_name("80012345", date(2026, 6, 1))
    '80012345_20260601.txt'
    """
    return f"{account}_{day:%Y%m%d}.txt"


def printed(paper: Paper, break_after: int | None = None) -> Iterator[str]:
    """Print a statement; every ``break_after`` lines a form feed and the head again."""
    for number, line in enumerate(_body(paper), 1):
        yield line
        if break_after and number % break_after == 0:
            yield "\f"
            yield from _head(paper)
            yield ""
    yield ""


def _head(paper: Paper) -> Iterator[str]:
    yield _centred("观潮期货有限公司")
    yield _centred("制表时间 Creation Date：20260601")
    yield "-" * WIDTH
    yield _centred(LAYOUTS[paper.layout])
    yield f"客户号 Client ID：  {paper.account}          客户名称 Client Name：{paper.name}"
    yield f"日期 Date：{paper.date}"


def _body(paper: Paper) -> Iterator[str]:
    yield from _head(paper)
    yield ""
    yield _centred("资金状况  币种：人民币  Account Summary  Currency：CNY")
    yield "-" * WIDTH
    labels = list(paper.figures.items())
    for left, right in zip(labels[::2], [*labels[1::2], ("", "")], strict=False):
        yield _figure(*left) + ("  " + _figure(*right) if right[0] else "")
    for sheet in paper.sheets:
        yield ""
        yield from _sheet(sheet)


def _figure(label: str, amount: str) -> str:
    return f"{label}：{amount:>{max(1, 46 - _width(label) - 2)}}"


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield _centred(sheet.title)
    yield "-" * WIDTH
    yield _row(sheet, [column.chinese for column in sheet.columns])
    yield _row(sheet, [column.english for column in sheet.columns])
    yield "-" * WIDTH
    for row in sheet.rows:
        yield _row(sheet, row)
    yield "-" * WIDTH
    totals = [sheet.totals.get(column.chinese, "") for column in sheet.columns]
    yield _row(sheet, [f"共{len(sheet.rows):>4}条", *totals[1:]])
    yield "-" * WIDTH


def _row(sheet: Sheet, cells: Iterable[str]) -> str:
    padded = (
        " " * max(0, column.width - _width(cell)) + cell
        for column, cell in zip(sheet.columns, cells, strict=True)
    )
    return f"|{'|'.join(padded)}|"


def _centred(text: str) -> str:
    return " " * max(0, (WIDTH - _width(text)) // 2) + text


def _width(text: str) -> int:
    """Return how wide a text prints: a Chinese letter is as wide as two others."""
    return len(text.encode(ENCODING))
