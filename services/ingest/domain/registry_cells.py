"""有个人信息的文件的单元格 — cells of ``customer``, ``cusaccount`` and the directory files.

A reason never quotes a cell: in a line that lacks a column, any cell may hold a name or a card.

The official codes of the flags were not at hand: the words, and the letters that files are seen
with, are taken; any other is refused with its line, so that an unknown code can never close every
account of a broker.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from services.ingest.domain.rows import BadRow, Unreadable, calendar_date
from services.ingest.domain.source import Cells, Context

V = TypeVar("V")


def of_the_files_day(cells: Cells, context: Context) -> None:
    """Raise ``BadRow`` for a row of another day than its file's."""
    if context.day is None:
        raise Unreadable("the name carries no day")
    told = cells["date"]
    if told != context.day.isoformat() and day(told, "date") != context.day:
        raise BadRow("date", f"not the file's day {context.day}")


def day(text: str, place: str) -> date:
    """Return a date; raises ``BadRow``."""
    try:
        return calendar_date(text, place)
    except BadRow:
        raise BadRow(place, "not a date" if text else "missing") from None


def flag(table: Mapping[str, V], text: str, place: str) -> V:
    """Return what a flag means; raises ``BadRow`` for one that is not in its table."""
    meaning = table.get(text.upper())
    if meaning is None:
        raise BadRow(place, f"none of {', '.join(filter(None, table))}")
    return meaning


def currency(text: str, place: str) -> str:
    """Return a currency's three letters; none, and RMB, is CNY; raises ``BadRow``.

    >>> currency("RMB", "currency"), currency("USD", "currency")
    ('CNY', 'USD')
    """
    named = {"": "CNY", "RMB": "CNY"}.get(text, text)
    if not re.fullmatch(r"[A-Z]{3}", named):
        raise BadRow(place, "not a currency of three letters")
    return named
