"""A record of ``futures.account.v1`` to an event, or why it is none. Pure."""

import re
from typing import get_args

import msgspec

from services.mot.domain.events import BROADCAST, TradingEvent
from services.mot.domain.li import decode_hook
from services.mot.domain.plausible import implausible
from shared.contracts.event import CODE, SEQUENCE_DIGITS

_decoder = msgspec.json.Decoder[TradingEvent](TradingEvent, dec_hook=decode_hook)
_KNOWN = frozenset(made.__struct_config__.tag for made in get_args(TradingEvent))
"""What mot watches; the topic holds more: trades, positions, an account's registration."""
_OWNER = re.compile(f"{CODE}:{CODE}", re.ASCII)
LARGEST = 1024 * 1024  # bytes: Kafka's own limit, unless somebody has raised it


class Unreadable(ValueError):
    """A record that is no event of the contract; ``str`` says where and why, without quoting it."""


class _Type(msgspec.Struct):
    type: str


def read(key: bytes | None, value: bytes | None) -> TradingEvent | None:
    """Decode a record; None for a type that mot does not watch, or is too old to know."""
    if value is None:
        raise Unreadable("no value")
    if len(value) > LARGEST:
        raise Unreadable(f"{len(value)} bytes, more than {LARGEST}")
    try:
        event: TradingEvent = _decoder.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if _unwatched(value):
            return None
        raise Unreadable(str(error)[:200]) from None
    _check(key, event)
    return event


def _check(key: bytes | None, event: TradingEvent) -> None:
    number = event.sequence
    if number is not None and not (
        len(number) == SEQUENCE_DIGITS and number.isascii() and number.isdigit()
    ):
        # any other text may stand above all numbers: every later record would be a repeat
        raise Unreadable(f"sequence is not of {SEQUENCE_DIGITS} digits")
    if isinstance(event, BROADCAST):
        return
    owner = f"{event.data.broker}:{event.data.account}"
    if event.subject != owner or key != owner.encode():
        raise Unreadable("key, subject and account disagree")
    if not _OWNER.fullmatch(owner):  # no alert may name it
        raise Unreadable("broker or account is no code of the contract")
    if (wrong := implausible(event)) is not None:
        raise Unreadable(wrong)


def _unwatched(value: bytes) -> bool:
    try:
        return msgspec.json.decode(value, type=_Type).type not in _KNOWN
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
