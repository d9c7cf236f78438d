"""Records that are no events: the kinds of row M1, each made out of a good one."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.fault.workload import BROKER, Workload

HUGE = 5 * 1024 * 1024  # bytes
DEEP = 50_000  # levels
Event = dict[str, Any]


class Poison(NamedTuple):
    """One record as it is sent."""

    kind: str
    key: bytes | None
    value: bytes | None


def _body(**fields: Any) -> Callable[[Event], bytes]:
    """Replace fields of the event's body; None leaves one out."""

    def spoil(event: Event) -> bytes:
        data = {**event["data"], **fields}
        return as_json({**event, "data": {k: v for k, v in data.items() if v is not None}})

    return spoil


def _envelope(**fields: Any) -> Callable[[Event], bytes]:
    return lambda event: as_json({k: v for k, v in {**event, **fields}.items() if v is not None})


def as_json(value: Any) -> bytes:
    """Return the bytes of a record's value."""
    return json.dumps(value).encode()


def _raw(value: bytes | None) -> Callable[[Event], bytes | None]:
    return lambda _: value


SPOILT: dict[str, Callable[[Event], bytes | None]] = {
    "bad JSON": _raw(b'{"type":"funds'),
    "not UTF-8": _raw(b'{"type":"\xff\xfe"}'),
    "half a surrogate": _raw(b'{"type":"funds.withdrawn","id":"\\ud800"}'),
    "no object": _raw(b"[1,2,3]"),
    "empty": _raw(b""),
    "null value": _raw(None),
    "no type": _envelope(type=None),
    "no amount": _body(amount=None),
    "amount a float": _body(amount=12.5),
    "amount NaN": _body(amount="NaN"),
    "amount a bare NaN": lambda event: _body(amount="@")(event).replace(b'"@"', b"NaN"),
    "amount infinite": _body(amount="Infinity"),
    "amount too large": _body(amount="9" * 40),
    "amount with an exponent": _body(amount="1e9"),
    "amount in full-width digits": _body(amount="１００"),
    "no such month": _body(happened_at="2026-13-45T10:00:00+08:00"),
    "no zone": _body(happened_at="2026-03-02T10:00:00"),
    "no such day": _body(trading_day="2026-02-30"),
    "another subject": _envelope(subject=f"{BROKER}:1"),
    "another account": _body(account="1"),
    "sequence no number": _envelope(sequence="zzz"),
    "very deep": lambda event: _envelope(more="@")(event).replace(
        b'"@"', b"[" * DEEP + b"]" * DEEP
    ),
    "5 MB": _body(serial="x" * HUGE),
}
KEYS: dict[str, bytes | None] = {"wrong key": f"{BROKER}:1".encode(), "no key": None}
KINDS = (*SPOILT, *KEYS)


def poisoned(kind: str, work: Workload, account: str) -> Poison:
    """Return a spoilt withdrawal of an account; the oracle does not hear of it."""
    good = work.unheard(account)
    key = f"{BROKER}:{account}".encode()
    if kind in KEYS:
        return Poison(kind, KEYS[kind], as_json(good))
    return Poison(kind, key, SPOILT[kind](good))
