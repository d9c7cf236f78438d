"""厘 — money on the hot path: an exact ``int`` of 0.001 元, read from the wire's string."""

import re
from typing import Any

_MONEY = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,3}))?", re.ASCII)


class Li(int):
    """An amount in 厘."""

    __slots__ = ()


def read_li(text: str) -> Li:
    """Read an amount in yuan exactly.

    >>> read_li("-50000.125"), read_li("5000000")
    (-50000125, 5000000000)
    >>> read_li("NaN")
    Traceback (most recent call last):
    ValueError: not an amount of money
    """
    found = _MONEY.fullmatch(text)
    if found is None:
        raise ValueError("not an amount of money")
    sign, yuan, rest = found.groups(default="")
    li = int(yuan) * 1000 + int(rest.ljust(3, "0") or "0")
    return Li(-li if sign else li)


def write_li(li: int) -> str:
    """Return an amount as the wire's text, without needless zeros.

    >>> write_li(-50000125), write_li(5000000000)
    ('-50000.125', '5000000')
    """
    yuan, rest = divmod(abs(li), 1000)
    text = f"{yuan}.{rest:03}".rstrip("0") if rest else f"{yuan}"
    return f"-{text}" if li < 0 else text


def decode_hook(wanted: type, value: Any) -> Any:
    """Turn the wire's value into the custom type; msgspec's ``dec_hook``."""
    if wanted is Li and isinstance(value, str):
        return read_li(value)
    raise ValueError(f"expected {wanted.__name__} as a string")
