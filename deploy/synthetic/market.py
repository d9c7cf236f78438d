"""行情 — a few contracts of every exchange, and what each settled at on any day. Prices in 厘."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from deploy.synthetic.book import LI
from deploy.synthetic.chance import between, chance

AHEAD = timedelta(days=90)  # how far off the month of a contract is when a position is opened
STRIKE, PREMIUM = 3000, 85  # of the one option: 元


class Product(NamedTuple):
    """A product: its exchange's flag, code, 手 → units, usual price (元), margin in per mille."""

    flag: str
    code: str
    units: int
    price: int
    margin: int

    @property
    def a_lot(self) -> int:
        """The margin of one lot, in 元, at the usual price."""
        return self.units * self.price * self.margin // 1000


PRODUCTS = (
    Product("D", "c", 10, 2250, 80),
    Product("Z", "TA", 5, 4700, 80),
    Product("Z", "MA", 10, 2400, 80),
    Product("D", "m", 10, 2950, 80),
    Product("S", "rb", 10, 3100, 90),
    Product("G", "lc", 1, 75_000, 110),
    Product("S", "cu", 5, 71_000, 100),
    Product("N", "sc", 1000, 520, 110),
    Product("J", "IF", 300, 3900, 120),
)
"""From the cheapest lot to the dearest; the first one fits every client."""

OPTION = Product("D", "m", 10, PREMIUM, 0)


@dataclass(frozen=True, slots=True)
class Contract:
    """A future, or the option on it. ``month`` is its delivery month."""

    product: Product
    month: date

    @property
    def is_option(self) -> bool:
        return self.product is OPTION

    @property
    def underlying(self) -> str:
        """The future's code; 郑商所 writes one digit of the year."""
        year = f"{self.month:%y}"[1:] if self.product.flag == "Z" else f"{self.month:%y}"
        return f"{self.product.code}{year}{self.month:%m}"

    @property
    def code(self) -> str:
        """The code in the files.

        >>> Contract(PRODUCTS[1], date(2026, 9, 1)).code, Contract(OPTION, date(2026, 9, 1)).code
        ('TA609', 'm2609-C-3000')
        """
        return f"{self.underlying}-C-{STRIKE}" if self.is_option else self.underlying

    def price(self, day: date) -> int:
        """Return what it settled at: within two per cent of the usual price."""
        return _settled(self.product, day)

    def worth(self, price: int, lots: int) -> int:
        """Return what so many lots are worth, in 厘."""
        return price * self.product.units * lots

    def held(self, price: int, lots: int) -> int:
        """Return the margin of so many lots, in 厘, whole 分."""
        return self.worth(price, lots) * self.product.margin // 1000 // 10 * 10


@lru_cache(maxsize=4096)
def _settled(product: Product, day: date) -> int:
    place = (PRODUCTS.index(product) if product in PRODUCTS else len(PRODUCTS)) + 1
    drift = between(-200, 200, chance(place, 20, day.toordinal()))
    return product.price * (10_000 + drift) // 10_000 * LI


def contract(product: Product, opened: date) -> Contract:
    """Return the contract that somebody opens on a day: some three months ahead."""
    return Contract(product, (opened + AHEAD).replace(day=1))
