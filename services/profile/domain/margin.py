"""保证金率 — what a lot ties up, at the exchange's rate, the company's or a client's own.

Money is Decimal 元. A lot's margin is price × multiplier × rate, rounded up to the 分: what is said
to be affordable is. The leverage is 1 ÷ rate, half up to two places.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import NamedTuple

FEN = Decimal("0.01")
_FUTURE = re.compile(r"([A-Za-z]+)[0-9]{3,4}", re.ASCII)
Key = tuple[str, str]
"""An exchange, and a product's code in capitals."""


class Source(NamedTuple):
    """Where a figure was read, and when; not ``verified``: check it before a client hears it."""

    name: str
    read_on: date
    verified: bool


@dataclass(frozen=True)
class Product:
    """A product's figures from a trading day on. A rate is a share of the contract's value."""

    exchange: str
    code: str
    name: str
    multiplier: int
    tick: Decimal
    exchange_rate: Decimal
    company_rate: Decimal
    source: Source
    since: date = date.min

    @property
    def key(self) -> Key:
        """Return what names it."""
        return key(self.exchange, self.code)


class Holding(NamedTuple):
    """How many lots an amount is enough for, what each ties up, and what is left."""

    lots: int
    margin: Decimal
    left: Decimal


@dataclass(frozen=True)
class RateBook:
    """The products' figures by the day they began, and the rates agreed with single clients."""

    lines: Mapping[Key, Sequence[Product]]
    bands: Sequence[int]
    clients: Mapping[str, Mapping[Key, Decimal]] = field(default_factory=dict)

    def on(self, day: date) -> Iterable[Product]:
        """Yield every product as it stands on a trading day; one that begins later is left out."""
        for line in self.lines.values():
            place = bisect_right(line, day, key=lambda one: one.since)
            if place:
                yield line[place - 1]

    def own_rate(self, product: Product, client: str | None) -> Decimal | None:
        """Return the rate agreed with a client; None: the company's holds."""
        return self.clients.get(client or "", {}).get(product.key)


def key(exchange: str, code: str) -> Key:
    """Return what names a product, however its code is written.

    >>> key("CZCE", "ta") == key("CZCE", "TA")
    True
    """
    return exchange, code.upper()


def product_of(instrument: str) -> str | None:
    """Return a future's product code; None for an option or a combination: other rules hold.

    >>> product_of("rb2610"), product_of("TA609"), product_of("m2609-C-3000")
    ('rb', 'TA', None)
    """
    found = _FUTURE.fullmatch(instrument)
    return found.group(1) if found else None


def lot_value(product: Product, price: Decimal) -> Decimal:
    """Return what one lot is worth, exactly."""
    return price * product.multiplier


def lot_margin(product: Product, price: Decimal, rate: Decimal) -> Decimal:
    """Return what one lot ties up, rounded up to the 分.

    >>> rb = Product("SHFE", "rb", "螺纹钢", 10, Decimal(1), Decimal("0.07"), Decimal("0.10"),
    ...              Source("", date(2026, 1, 1), False))
    >>> lot_margin(rb, Decimal("3101"), rb.company_rate)
    Decimal('3101.00')
    """
    return (lot_value(product, price) * rate).quantize(FEN, rounding=ROUND_CEILING)


def leverage(rate: Decimal) -> Decimal:
    """Return how many times its margin a lot is worth.

    >>> leverage(Decimal("0.12"))
    Decimal('8.33')
    """
    return (1 / rate).quantize(FEN, rounding=ROUND_HALF_UP)


def affordable(amount: Decimal, margin: Decimal) -> Holding:
    """Return how many lots of a margin an amount is enough for.

    >>> affordable(Decimal(5000), Decimal("2450.01"))
    Holding(lots=2, margin=Decimal('2450.01'), left=Decimal('99.98'))
    """
    lots = int(amount // margin)
    return Holding(lots, margin, amount - lots * margin)


def band(lots: int, floors: Sequence[int]) -> int:
    """Return which band so many lots are in: its lowest number of lots; 0: not enough for one.

    >>> [band(lots, (1, 2, 5, 10)) for lots in (0, 1, 2, 4, 5, 10, 99)]
    [0, 1, 2, 2, 5, 10, 10]
    """
    return max((floor for floor in floors if floor <= lots), default=0)


def band_name(floor: int, floors: Sequence[int]) -> str:
    """Return how a band is read.

    >>> [band_name(floor, (1, 2, 5, 10)) for floor in (0, 1, 2, 10)]
    ['不足1手', '1手', '2–4手', '10手以上']
    """
    above = min((one for one in floors if one > floor), default=None)
    if floor == 0:
        return f"不足{min(floors)}手"
    if above is None:
        return f"{floor}手以上"
    return f"{floor}手" if above == floor + 1 else f"{floor}–{above - 1}手"
