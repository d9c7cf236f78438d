"""Money is a Decimal of yuan (元) with at most three decimals (厘): never a float.

On the wire it is a string. CFMMC files carry three decimals, so 厘 (0.001 元) is the smallest unit
everywhere, and where speed matters money is an ``int`` of 厘.
"""

import re
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

LI_PER_YUAN = 1000
LI, LI_EXPONENT = Decimal("0.001"), -3
_WIRE = re.compile(r"-?\d{1,15}(\.\d+)?", re.ASCII)
_EXACT = re.compile(r"-?\d{1,15}(\.\d{1,3})?", re.ASCII)
_PRICE = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
_LIMIT = Decimal(10) ** 15
_WAN, _YI = Decimal(10_000), Decimal(100_000_000)


def exact(value: object) -> Decimal:
    """Return the amount in yuan, refusing what is not exact.

    >>> exact("5000000.125")
    Decimal('5000000.125')
    >>> exact(0.1)
    Traceback (most recent call last):
    ValueError: a float is not an amount of money: write it as a string
    >>> exact("NaN")
    Traceback (most recent call last):
    ValueError: not an amount: NaN
    """
    if isinstance(value, str) and _EXACT.fullmatch(value):
        return Decimal(value)  # nearly every amount; the rest is looked at closely
    if isinstance(value, bool | float):
        raise ValueError("a float is not an amount of money: write it as a string")
    if isinstance(value, str) and not _WIRE.fullmatch(value):
        raise ValueError(f"not an amount: {value[:40]}")
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"not an amount: {str(value)[:40]}") from None
    if not amount.is_finite() or abs(amount) >= _LIMIT:
        raise ValueError(f"not an amount: {str(value)[:40]}")
    whole_li = amount.quantize(LI, rounding=ROUND_DOWN)
    if amount != whole_li:
        raise ValueError(f"finer than 0.001 yuan: {str(value)[:40]}")
    return whole_li if int(amount.as_tuple().exponent) < LI_EXPONENT else amount


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"


Money = Annotated[
    Decimal,
    BeforeValidator(exact),
    PlainSerializer(_plain, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,3})?$"}),
]
"""元, exact to 厘, a string on the wire."""


def exact_price(value: object) -> Decimal:
    """Return a price in yuan, refusing what is not exact or finer than six decimals.

    >>> exact_price("3120.33333")
    Decimal('3120.33333')
    """
    if isinstance(value, bool | float):
        raise ValueError("a float is not a price: write it as a string")
    text = str(value)
    if not _PRICE.fullmatch(text):
        raise ValueError(f"not a price: {text[:40]}")
    return Decimal(text)


Price = Annotated[
    Decimal,
    BeforeValidator(exact_price),
    PlainSerializer(_plain, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,12}(\.\d{1,6})?$"}),
]
"""元 of one unit of a product; an average may have up to six decimals."""

Amount = Annotated[Money, Field(gt=0)]
"""A movement of money: always positive, its direction is in the event's type."""


def to_li(amount: Decimal) -> int:
    """Return yuan as whole 厘.

    >>> to_li(Decimal("0.001"))
    1
    """
    return int(amount * LI_PER_YUAN)


def from_li(li: int) -> Decimal:
    """Return 厘 as yuan.

    >>> from_li(5_000_000_000)
    Decimal('5000000')
    """
    yuan = Decimal(li) / LI_PER_YUAN
    return yuan.quantize(Decimal(1)) if li % LI_PER_YUAN == 0 else yuan


def percent(basis_points: int) -> str:
    """Return a ratio as a person reads it.

    >>> percent(8235), percent(10000), percent(-50)
    ('82.35%', '100%', '-0.5%')
    """
    return f"{(Decimal(basis_points) / 100).normalize():f}%"


def short(amount: Decimal) -> str:
    """Return yuan the way a manager reads it, in 万 or 亿, cut (never rounded up) at one yuan.

    >>> short(Decimal("5000000")), short(Decimal("123456.78")), short(Decimal("-230000000"))
    ('500万元', '12.3456万元', '-2.3亿元')
    >>> short(Decimal("999.90"))
    '999.9元'
    """
    size = abs(amount)
    if size >= _YI:
        return f"{_cut(amount / _YI, '0.00000001')}亿元"
    if size >= _WAN:
        return f"{_cut(amount / _WAN, '0.0001')}万元"
    return f"{_cut(amount, '0.001')}元"


def full(amount: Decimal) -> str:
    """Return yuan to the fen or finer, with thousands separators.

    >>> full(Decimal("5000000")), full(Decimal("4999999.999"))
    ('5,000,000.00元', '4,999,999.999元')
    """
    at_least_fen = (
        amount if amount != amount.quantize(Decimal("0.01")) else amount.quantize(Decimal("0.01"))
    )
    return f"{at_least_fen:,f}元"


def _cut(value: Decimal, step: str) -> str:
    return f"{value.quantize(Decimal(step), rounding=ROUND_DOWN).normalize():f}"
