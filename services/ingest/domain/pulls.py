"""拉取 — where the pull of a broker's table stands: its newest mark, and how often it moved.

The mark is the pair of the watermark column and a key that no two rows of one watermark share, so
that a batch may end anywhere. Late rows carry an older watermark than what was read already: each
round begins some way back, and what it meets again is known by its own identity.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from shared.kernel.trading_day import CHINA

Scalar = int | str | Decimal | datetime | date
"""What a watermark or a key may be; a float never."""

_READ: Mapping[str, Callable[[str], Scalar]] = {
    "int": int,
    "str": str,
    "Decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
}


class NoMark(ValueError):
    """A row has no watermark or no key, or one of a type that has no exact order."""


class Mark(NamedTuple):
    """A row's place in the table. ``key`` None: the first row of its watermark, or before it."""

    watermark: Scalar
    key: Scalar | None = None


@dataclass(frozen=True)
class Place:
    """How far a pull is. ``batches``: how many were taken, which names what they told.

    ``since``: the first trading day whose rows are news; None tells all of them as news.
    """

    batches: int = 0
    mark: Mark | None = None
    since: date | None = None

    def moved(self, mark: Mark) -> "Place":
        """Return the place after one more batch: a late row does not move it back."""
        if self.mark is None:
            return replace(self, batches=self.batches + 1, mark=mark)
        newest = mark if _before(self.mark, mark) else self.mark
        return replace(self, batches=self.batches + 1, mark=newest)


def back(mark: Mark | None, overlap: int) -> Mark | None:
    """Return where a round begins: ``overlap`` seconds, or units of a number, before the mark.

    >>> back(Mark(100, 7), 30), back(Mark("20260601", "7"), 30)
    (Mark(watermark=70, key=None), Mark(watermark='20260601', key=None))
    """
    if mark is None:
        return None
    match mark.watermark:
        case datetime() as moment:
            return Mark(moment - timedelta(seconds=overlap))
        case date() as day:
            return Mark(day - timedelta(seconds=overlap))
        case int() | Decimal() as number:
            return Mark(number - overlap)
        case str() as text:  # a text has an order, but no distance: only its equals are read again
            return Mark(text)


def mark_of(watermark: object, key: object) -> Mark:
    """Return a row's mark; raises ``NoMark``."""
    return Mark(_scalar(watermark, "watermark"), _scalar(key, "key"))


def moment_of(watermark: object) -> datetime | None:
    """Return when a row was written, if its watermark says: one without a zone is China's.

    >>> moment_of(datetime(2026, 6, 1, 9, 30)).isoformat(), moment_of(20260601)
    ('2026-06-01T09:30:00+08:00', None)
    """
    match watermark:
        case datetime(tzinfo=None):
            return watermark.replace(tzinfo=CHINA)
        case datetime():
            return watermark
    return None


def encode(mark: Mark | None, since: date | None = None) -> bytes:
    """Return a mark as it is stored, with the day from which on its rows are news.

    >>> decode(encode(Mark(datetime(2026, 6, 1, 9, 30), Decimal("1.50"))))
    Mark(watermark=datetime.datetime(2026, 6, 1, 9, 30), key=Decimal('1.50'))
    """
    return msgspec.json.encode([_told(part) for part in (*mark, since)] if mark else [])


def decode(stored: bytes) -> Mark | None:
    """Return the mark that was stored."""
    parts = _parts(stored)
    if not parts or parts[0] is None:
        return None
    return Mark(parts[0], parts[1])


def since_of(stored: bytes) -> date | None:
    """Return the day from which on rows are news; a pull that was there before it has none.

    >>> since_of(encode(Mark(7, 7), date(2026, 6, 1))), since_of(b'[["int","7"],["int","7"]]')
    (datetime.date(2026, 6, 1), None)
    """
    day = dict(enumerate(_parts(stored))).get(2)
    return day if isinstance(day, date) else None


def _parts(stored: bytes) -> list[Scalar | None]:
    return [_read(part) for part in msgspec.json.decode(stored, type=list[tuple[str, str] | None])]


def _told(part: Scalar | None) -> tuple[str, str] | None:
    if part is None:
        return None
    text = part.isoformat() if isinstance(part, date) else str(part)
    return type(part).__name__, text


def _read(part: tuple[str, str] | None) -> Scalar | None:
    return None if part is None else _READ[part[0]](part[1])


def _scalar(value: object, place: str) -> Scalar:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | date):
        raise NoMark(f"{place}: a {type(value).__name__} has no exact order: cast it in the query")
    return value


def _before(one: Mark, other: Mark) -> bool:
    """Say whether a mark comes before another; of different types, the later read one holds."""
    ours, theirs = (one.watermark, one.key), (other.watermark, other.key)
    try:
        return bool(ours < theirs)
    except TypeError:
        return True
