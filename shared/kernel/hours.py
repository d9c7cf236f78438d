"""品种时段 — which hours each product trades, as versioned data with its sources.

A product is named by its code (``au``, ``SHFE.au``) or by any instrument of it (``au2512``,
``TA601``, ``m2501-C-3000``); case does not matter. Hours are in force from a trading day on.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from importlib.resources import files
from itertools import pairwise

import msgspec

_SEGMENT = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})", re.ASCII)
_PRODUCT = re.compile(r"(?:[A-Za-z]+\.)?([A-Za-z]+)(?:_o)?(?:\d.*)?", re.ASCII)
NIGHT_FROM, NIGHT_UNTIL = time(20, 0), time(3, 0)
"""No night session begins earlier or ends later."""


class UnknownProduct(ValueError):
    """The timetable holds no such product, or not yet on that day: it never guesses."""


class WrongHours(ValueError):
    """Hours that cannot be: no ``HH:MM-HH:MM``, out of order, or a night in the daytime."""


@dataclass(frozen=True, order=True)
class Segment:
    """From the first moment up to, not including, the last; a night may end after midnight."""

    begin: time
    end: time

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True)
class Hours:
    """A product's hours from a trading day on. ``night`` None: it trades by day alone.

    ``verified_on``: when ``source`` was last read.
    """

    product: str
    exchange: str
    since: date
    day: tuple[Segment, ...]
    night: Segment | None
    source: str
    verified_on: date


class HoursLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Several products with the same hours, as a file says them. ``night`` empty: none."""

    exchange: str
    products: str
    since: date
    day: str
    night: str = ""
    source: str
    verified_on: date

    def hours(self) -> list[Hours]:
        """Return them product by product; raises ``WrongHours``."""
        day, night = segments(self.day), segments(self.night)
        if not day or len(night) > 1:
            raise WrongHours("day needs one segment or more, night has at most one")
        if night and not (night[0].begin >= NIGHT_FROM and _ends_by_dawn(night[0])):
            raise WrongHours(f"night {night[0]} is not between 20:00 and 03:00")
        if any(later.begin < earlier.end for earlier, later in pairwise(day)):
            raise WrongHours("the day's segments overlap or are out of order")
        if any(part.end <= part.begin for part in day):
            raise WrongHours("a segment of the day ends before it begins")
        if not self.products.split():
            raise WrongHours("products: none is named")
        return [self._of(name.lower(), day, night) for name in self.products.split()]

    def _of(self, name: str, day: tuple[Segment, ...], night: tuple[Segment, ...]) -> Hours:
        late = night[0] if night else None
        return Hours(name, self.exchange, self.since, day, late, self.source, self.verified_on)


class _TimetableFile(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    hours: tuple[HoursLine, ...]


@dataclass(frozen=True, repr=False)
class Timetable:
    """Every product's hours, the earliest first."""

    version: str = "none"
    lines: tuple[Hours, ...] = ()
    _by_product: Mapping[str, list[Hours]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[str, list[Hours]] = defaultdict(list)
        for line in sorted(self.lines, key=lambda line: line.since):
            found[line.product].append(line)
        object.__setattr__(self, "_by_product", dict(found))

    @property
    def products(self) -> list[str]:
        """Return every code, sorted."""
        return sorted(self._by_product)

    def of(self, product: str, day: date) -> Hours:
        """Return the hours of a product (or of an instrument's) on a trading day.

        >>> timetable().of("au2512", date(2026, 6, 1)).night
        Segment(begin=datetime.time(21, 0), end=datetime.time(2, 30))
        """
        known = self._by_product.get(product_of(product), [])
        place = bisect_right(known, day, key=lambda line: line.since)
        if not place:
            since = f" before {known[0].since}" if known else ""
            raise UnknownProduct(f"no hours of {product!r}{since} in timetable {self.version}")
        return known[place - 1]

    def with_lines(self, more: Iterable[Hours], version: str) -> "Timetable":
        """Return it with further lines; one of the same product and day replaces the former."""
        merged = {(line.product, line.since): line for line in (*self.lines, *more)}
        return Timetable(version, tuple(merged.values()))


def products_of(name: str) -> tuple[str, ...]:
    """Return the codes of a combination's products, each once; of one instrument it is one.

    >>> products_of("SP m2601&m2605"), products_of("SPC a2605&m2605"), products_of("TA601")
    (('m',), ('a', 'm'), ('ta',))
    """
    return tuple(dict.fromkeys(product_of(leg) for leg in legs_of(name)))


def legs_of(name: str) -> list[str]:
    """Return the instruments that a name is a combination of; of one instrument it is one.

    >>> legs_of("IPS SF601&SM601"), legs_of("rb2610")
    (['SF601', 'SM601'], ['rb2610'])
    """
    return name.rpartition(" ")[2].split("&")


def product_of(name: str) -> str:
    """Return the product's code of a product, an instrument or an option.

    A combination trades with its legs, at one exchange: it is the first leg's.

    >>> [product_of(name) for name in ("SHFE.au", "au2512C500", "TA601", "m2501-C-3000", "cu_o")]
    ['au', 'au', 'ta', 'm', 'cu']
    >>> product_of("STG SR703C5300&SR703P5200")
    'sr'
    """
    found = _PRODUCT.fullmatch(legs_of(name)[0])
    if not found:
        raise UnknownProduct(f"not a product or an instrument: {name[:40]!r}")
    return found[1].lower()


def segments(text: str) -> tuple[Segment, ...]:
    """Return what ``09:00-10:15 10:30-11:30`` says; raises ``WrongHours``."""
    return tuple(_segment(word) for word in text.split())


def timetable() -> Timetable:
    """Return the timetable shipped with this release."""
    raw = files("shared.kernel").joinpath("hours.json").read_bytes()
    given = msgspec.json.decode(raw, type=_TimetableFile)
    return Timetable(given.version, tuple(h for line in given.hours for h in line.hours()))


def _segment(word: str) -> Segment:
    found = _SEGMENT.fullmatch(word)
    if not found:
        raise WrongHours(f"not HH:MM-HH:MM: {word[:20]!r}")
    try:
        hour, minute, last_hour, last_minute = map(int, found.groups())
        return Segment(time(hour, minute), time(last_hour, last_minute))
    except ValueError:
        raise WrongHours(f"not a time of day: {word[:20]!r}") from None


def _ends_by_dawn(night: Segment) -> bool:
    return night.end > night.begin or night.end <= NIGHT_UNTIL
