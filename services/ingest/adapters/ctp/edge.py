"""C 的边缘 — a C struct becomes a record of ours. The only place that ever sees a float.

A double is read as the shortest decimal that means it (``repr``), then brought to its unit:
an amount that moved is whole 厘, and one that is farther than 1e-6 from it was never an amount, so
it is refused; a state (equity, margin, profit) is computed by the counter from prices and rates, so
it is rounded half to even, and the day's settlement is exact; a price has six decimals. DBL_MAX,
NaN and infinity mean unset. Text is GBK, cut at the first NUL.
"""

import math
from collections.abc import Callable
from dataclasses import fields
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from services.ingest.domain.ctp import records
from services.ingest.domain.ctp.records import Illegible, Record, Unit
from shared.kernel.money import LI

R = TypeVar("R", bound=Record)
UNSET = 1e300  # CTP's DBL_MAX and whatever is near it
LARGEST = 1e15
NEAR = Decimal("0.000001")
STEPS = {Unit.MOVED: LI, Unit.STATE: LI, Unit.PRICE: Decimal("0.000001")}
UPPER = {"id": "ID"}
Columns = tuple[tuple[str, str, Callable[[Any], Any]], ...]


class NotExact(ValueError):
    """The double is not what its field is of."""


def nothing(*_: object) -> None:
    """Hear nothing: what stands where nobody listens."""


def error_of(info: Any) -> int:
    """Return the error number of an answer; 0: there is none."""
    return int(info.ErrorID) if info is not None else 0


def decimal(value: float, unit: Unit) -> Decimal | None:
    """Return a double in its unit; None when it is unset; raises ``NotExact``.

    >>> decimal(5000000.1, Unit.MOVED), decimal(1.7976931348623157e308, Unit.STATE)
    (Decimal('5000000.1'), None)
    >>> decimal(3105.00025, Unit.STATE), decimal(0.30000000000000004, Unit.MOVED)
    (Decimal('3105'), Decimal('0.3'))
    """
    if not math.isfinite(value) or abs(value) >= UNSET:
        return None
    if abs(value) >= LARGEST:
        raise NotExact("too large")
    told = Decimal(repr(float(value)))
    whole = told.quantize(STEPS[unit], rounding=ROUND_HALF_EVEN)
    if unit is Unit.MOVED and abs(whole - told) > NEAR:
        raise NotExact("finer than 0.001 yuan")
    return _plain(whole)


def text(value: object) -> str:
    r"""Return a text; bytes that are no GBK become U+FFFD.

    >>> text("上期".encode("gbk") + b"\0old"), text(b"\0"), text("1")
    ('上期', '', '1')
    """
    if isinstance(value, bytes):
        return value.split(b"\0")[0].decode("gb18030", errors="replace").strip()
    return str(value).split("\0")[0].strip()


def ctp_name(name: str) -> str:
    """Return CTP's name of a field.

    >>> ctp_name("uniq_sequence_no"), ctp_name("order_sys_id")
    ('UniqSequenceNo', 'OrderSysID')
    """
    return "".join(UPPER.get(part, part.capitalize()) for part in name.split("_"))


def read(struct: object, kind: type[R]) -> R | Illegible:
    """Copy what we need of a struct, which may be gone when its callback returns."""
    found: dict[str, Any] = {}
    for name, told, convert in COLUMNS[kind]:
        value = getattr(struct, told, None)
        if value is None:
            continue
        try:
            found[name] = convert(value)
        except ValueError as failure:
            return _illegible(struct, kind, f"{told}: {failure}")
    try:
        return kind(**found)
    except TypeError:
        missing = [told for name, told, _ in COLUMNS[kind] if name not in found]
        return _illegible(struct, kind, f"{missing[-1]}: the library's struct lacks it")


def _illegible(struct: object, kind: type[Record], why: str) -> Illegible:
    told = {name: text(getattr(struct, ctp, "")) for name, ctp, _ in COLUMNS[kind]}
    place, _, reason = why.partition(": ")
    number = getattr(struct, "UniqSequenceNo", 0)
    return Illegible(int(number), told["trading_day"], place, reason, told)


def _reader(hint: Any) -> Callable[[Any], Any]:
    if get_origin(hint) is Annotated:
        unit: Unit = get_args(hint)[1]
        return lambda value: decimal(value, unit)
    return int if hint is int else text


def _plain(amount: Decimal) -> Decimal:
    """Return it without needless zeros, never as an exponent, and no negative zero."""
    short = amount.normalize()
    if not short:
        return Decimal(0)
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


def _columns(kind: type[Record]) -> Columns:
    hints = get_type_hints(kind, include_extras=True)
    return tuple((f.name, ctp_name(f.name), _reader(hints[f.name])) for f in fields(kind))


_KINDS = (
    records.Deposit,
    records.Trade,
    records.Order,
    records.Position,
    records.Account,
    records.PreAccount,
    records.Notice,
)
COLUMNS: dict[type[Record], Columns] = {kind: _columns(kind) for kind in _KINDS}
"""Struct → our field's name, CTP's, and how it is read."""
