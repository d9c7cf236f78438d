"""厘 — money on the hot path: an exact ``int`` of 0.001 元, read from the wire's string."""

from typing import Any

MOST_DIGITS, LI_DIGITS = 15, 3  # before and after the point
_ZEROS = tuple("0" * (LI_DIGITS - decimals) for decimals in range(LI_DIGITS + 1))


class Li(int):
    """An amount in 厘. ``+amount`` is the plain ``int`` that a state stores."""

    __slots__ = ()


def read_li(text: str) -> Li:
    """Read an amount in yuan exactly.

    >>> read_li("-50000.125"), read_li("5000000")
    (-50000125, 5000000000)
    >>> read_li("NaN")
    Traceback (most recent call last):
    ValueError: not an amount of money
    """
    whole, point, rest = text.partition(".")
    digits, decimals = whole.removeprefix("-") + rest, len(rest)
    if not (
        digits.isascii()
        and digits.isdigit()
        and 0 < len(digits) - decimals <= MOST_DIGITS
        and (0 < decimals <= LI_DIGITS or not point)
    ):
        raise ValueError("not an amount of money")
    return Li(whole + rest + _ZEROS[decimals])


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
