"""回访文件的单元格 — what a cell may say, by its column. Pure.

A cell that a spreadsheet would work out is refused, whatever the column.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from shared.documents.cells import FORMULA
from shared.kernel.trading_day import CHINA

CODE = re.compile(r"[A-Za-z0-9_.\-]{1,32}")
LONGEST_REASON = 200
EARLIEST = 2000  # a visit of a year before is a slip of the pen


class Wrong(ValueError):
    """A cell that does not say what its column asks for."""


Cell = Callable[[str, datetime], object]


def code(text: str, now: datetime) -> str:
    """Return a client's or an account's number."""
    if not CODE.fullmatch(text):
        raise Wrong("不是号码 · no code")
    return text


def moment(text: str, now: datetime) -> datetime:
    """Return when a visit was made; without an offset it is Beijing's time.

    >>> moment("2026/06/01 10:30", datetime(2026, 6, 2, tzinfo=CHINA)).isoformat()
    '2026-06-01T10:30:00+08:00'
    """
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise Wrong("不是时间，写成 2026-06-01 10:30 · no time") from None
    found = found if found.tzinfo else found.replace(tzinfo=CHINA)
    if found > now:
        raise Wrong("还没到 · not yet")
    if found.year < EARLIEST:
        raise Wrong("太早 · too early")
    return found


def one_of(words: Mapping[str, str]) -> Cell:
    """Return what reads one of some words, in Chinese or in the other language."""
    known = {**words, **{english: english for english in words.values()}}

    def read(text: str, now: datetime) -> str:
        if text not in known:
            raise Wrong(f"只能是 one of: {'、'.join(words)}")
        return known[text]

    return read


def words(text: str, now: datetime) -> str:
    """Return a reason."""
    if len(text) > LONGEST_REASON or "\x00" in text:
        raise Wrong(f"最多 {LONGEST_REASON} 字 · too long")
    return text


METHODS = one_of(
    {"掌厅": "app", "短信": "sms", "外呼": "outbound-call", "电话": "phone", "现场": "in-person"}
)
RESULTS = one_of({"成功": "succeeded", "失败": "failed", "其他": "other"})


class Column(NamedTuple):
    """``heading``: the other name of the column. ``needed``: an empty cell is a fault."""

    heading: str
    read: Cell
    needed: bool = True


def value_of(cell: str, column: Column, now: datetime) -> object | None:
    """Return what a cell says; None: nothing, where that may be."""
    if cell.startswith(FORMULA):
        raise Wrong("公式，或以 = + - @ 开头 · a formula, or like one")
    text = cell.strip()
    if not text and column.needed:
        raise Wrong("空的 · empty")
    return column.read(text, now) if text else None
