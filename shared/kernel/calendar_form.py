"""日历文件 — the form of an operator's calendar file: its fields, its days and ranges of days."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import msgspec

from shared.kernel.hours import HoursLine

ONE = timedelta(days=1)
_VERSION = re.compile(r"[A-Za-z0-9_.\-]{1,32}", re.ASCII)
_FIELD = re.compile(r" - at `\$\.?(.*)`$")


class WrongCalendar(ValueError):
    """The file cannot be applied. ``place`` is a path into it."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place


class Coverage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The dates the file tells everything about, both ends included."""

    first: date
    last: date


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A calendar file. Days are ``2027-02-08`` or ``2027-02-08..2027-02-12``.

    ``closed`` and ``open``: days that do not, or do, trade. ``no_night`` and ``night``: trading days
    whose evening has none, or has one; the evening before a closed weekday has none by itself.
    ``forced``: days that may contradict common sense, such as a Saturday that trades. ``products``:
    hours from a day on. ``source`` says which notices it is from, ``verified_on`` when they were
    read.
    """  # noqa: E501

    version: str
    source: str
    verified_on: date
    coverage: Coverage | None = None
    closed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    no_night: tuple[str, ...] = ()
    night: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    products: tuple[HoursLine, ...] = ()


def change_of(content: object) -> Change:
    """Return the change that a file's content says; raises ``WrongCalendar``."""
    try:
        change = msgspec.convert(content, Change, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        found = _FIELD.search(text)
        raise WrongCalendar(found[1] if found else "file", _FIELD.sub("", text)) from None
    if not _VERSION.fullmatch(change.version):
        raise WrongCalendar("version", "letters, digits, _ . - only, at most 32")
    if not change.source.strip():
        raise WrongCalendar("source", "missing: which notices is it from?")
    return change


def days_of(name: str, words: Iterable[str]) -> Iterator[tuple[date, str]]:
    """Yield each day with its place; in a range the weekends are passed over."""
    for number, word in enumerate(words):
        place = f"{name}[{number}]"
        first, dots, last = word.partition("..")
        try:
            begin = date.fromisoformat(first.strip())
            end = date.fromisoformat(last.strip()) if dots else begin
        except ValueError:
            raise WrongCalendar(place, f"no day, and no range of days: {word[:40]!r}") from None
        if end < begin:
            raise WrongCalendar(place, f"{end} is before {begin}")
        yield from ((d, place) for d in dates(begin, end) if not dots or not weekend(d))


def dates(first: date, last: date) -> Iterator[date]:
    """Yield every date from one to another, both included."""
    return (first + ONE * n for n in range((last - first).days + 1))


def weekend(day: date) -> bool:
    """Say whether it is a Saturday or a Sunday."""
    return day.weekday() > 4  # noqa: PLR2004 Mon-Fri
