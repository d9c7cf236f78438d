"""Lines of a dropped file, each read by itself: a bad one never spoils the good ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from shared.contracts.event import CODE
from shared.kernel.money import exact

R = TypeVar("R")

_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)
_EXACT_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,3})?", re.ASCII)
_DAY = re.compile(r"(\d{4})([-/]?)(\d{1,2})\2(\d{1,2})", re.ASCII)
_CODE = re.compile(CODE, re.ASCII)


class BadRow(ValueError):
    """The row is no fact. ``place`` names the column; the reason never quotes personal data."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")


class Unreadable(ValueError):
    """The whole file cannot be taken: its name, its day, its encoding, its header."""


@dataclass(frozen=True, slots=True)
class Bad:
    """One bad line, as it came, with the reason; ``account``: whose it is, if that can be read."""

    line: int
    raw: bytes
    reason: str
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Good(Generic[R]):
    """One line that means something; ``raw`` in case it is found contradictory later."""

    line: int
    raw: bytes
    row: R


@dataclass(frozen=True, slots=True)
class Reading(Generic[R]):
    """A file read to its end."""

    good: tuple[Good[R], ...]
    bad: tuple[Bad, ...]


def lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    r"""Yield the lines that are not blank, with their numbers from 1.

    >>> list(lines(b"a\r\n\r\nb"))
    [(1, b'a'), (3, b'b')]
    """
    for number, line in enumerate(data.split(b"\n"), 1):
        raw = line.rstrip(b"\r\x1a")
        if raw.strip():
            yield number, raw


def as_text(raw: bytes) -> str:
    """Return a line as text: UTF-8, else GB18030."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", "backslashreplace")


def money(text: str, place: str) -> Decimal:
    """Return an amount in yuan; raises ``BadRow`` for what is not exact to 厘."""
    if _EXACT_NUMBER.fullmatch(text):
        return Decimal(text)
    if not _PLAIN_NUMBER.fullmatch(text):
        raise BadRow(place, f"not an amount: {text[:40]!r}")
    try:
        return exact(text)
    except ValueError as failure:
        raise BadRow(place, str(failure)) from None


def code(text: str, place: str) -> str:
    """Return an account's, branch's or person's code; raises ``BadRow`` for anything else."""
    if not _CODE.fullmatch(text):
        raise BadRow(place, "missing" if not text else "not a code (letters, digits, _ . -, ≤ 32)")
    return text


def calendar_date(text: str, place: str) -> date:
    """Return a date written as ``2026-06-01``, ``2026/6/1`` or ``20260601``; raises ``BadRow``."""
    found = _DAY.fullmatch(text)
    if not found or (not found[2] and len(text) != len("20260601")):
        raise BadRow(place, "missing" if not text else f"not a date: {text[:20]!r}")
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        raise BadRow(place, f"not a date: {text[:20]!r}") from None
