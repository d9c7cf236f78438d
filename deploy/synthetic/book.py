"""The broker's book: what a client's account stood at, and moved by, on one trading day. In 厘."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LI = 1000


def li(yuan: str) -> int:
    """Read an amount in 元 as whole 厘.

    >>> li("-59999.999")
    -59999999
    """
    return int(Decimal(yuan) * LI)


def yuan(amount: int) -> str:
    """Write 厘 as 元 with two decimals, or three where the third says something.

    >>> yuan(5_000_000_000), yuan(-59_999_999), yuan(-1)
    ('5000000.00', '-59999.999', '-0.001')
    """
    whole, rest = divmod(abs(amount), LI)
    cents = f"{rest:03d}" if rest % 10 else f"{rest // 10:02d}"
    return f"{'-' if amount < 0 else ''}{whole}.{cents}"


def money(amount: int) -> str:
    """Write 厘 as a person reads it.

    >>> money(900_000_000), money(-1)
    ('900,000.00元', '-0.001元')
    """
    whole, _, rest = yuan(amount).partition(".")
    sign, digits = whole[: whole.startswith("-")], whole.lstrip("-")
    return f"{sign}{int(digits):,}.{rest}元"


def percent(basis_points: int) -> str:
    """Write basis points as a person reads them.

    >>> percent(8000), percent(10444), percent(9990)
    ('80%', '104.44%', '99.9%')
    """
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


@dataclass(frozen=True, slots=True)
class Moved:
    """出入金 as the day's file shows it: in is positive, out negative; ``on`` is 发生日期.

    ``serial`` is 流水号, the same in the stream; the files of CFMMC have no column for it.
    """

    account: str
    amount: int
    on: date
    serial: str
    memo: str = "银期转账"


@dataclass(frozen=True, slots=True)
class Balance:
    """An account at one day's close; ``moved`` is the day's deposits less its withdrawals."""

    account: str
    opening: int
    moved: int
    profit: int
    fees: int
    margin: int

    @property
    def equity(self) -> int:
        return self.opening + self.moved + self.profit - self.fees

    @property
    def available(self) -> int:
        return self.equity - self.margin
