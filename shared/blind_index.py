"""盲索引 — a sealed phone or id number is found again without being opened.

Beside the sealed value stands HMAC-SHA256 of its normal form under a key of its own (never a field
key: whoever can only look up must not be able to open). The entry names its key; a look-up asks
under every key, so that a rotation may take as long as it needs.
"""

import base64
import hmac
import re
import unicodedata
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Literal

Kind = Literal["phone", "masked_phone", "id_number", "bank_card", "name", "row"]
"""``masked_phone``: 138****5678, as a person reads it. ``row``: a whole line of a file, only to see
whether it says the same as the last one."""

SHORTEST_KEY = 32  # bytes
_KEPT = 16  # bytes of the digest: no two values of a broker meet by chance
_COUNTRY = re.compile(r"(?:\+|00)?86(?=1\d{10}$)")


class BlindIndex:
    """Key id → base64 of at least 32 bytes; the first one writes, all look up."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        if not keys:
            raise ValueError("no index key is configured")
        self._keys = {kid: base64.b64decode(key) for kid, key in keys.items()}
        if any(len(key) < SHORTEST_KEY for key in self._keys.values()):
            raise ValueError(f"an index key is at least {SHORTEST_KEY} bytes")

    def entry(self, kind: Kind, value: str) -> str:
        """Return what is stored beside the sealed value.

        >>> index = BlindIndex({"b1": base64.b64encode(bytes(32)).decode()})
        >>> index.entry("phone", "+86 138-1234-5678") == index.entry("phone", "13812345678")
        True
        """
        return self.look_up(kind, value)[0]

    def look_up(self, kind: Kind, value: str) -> list[str]:
        """Return every entry under which the value may have been stored, the newest key first."""
        told = f"{kind}\0{normal(kind, value)}".encode()
        return [f"{kid}.{_short(key, told)}" for kid, key in self._keys.items()]

    def is_current(self, entry: str) -> bool:
        """Say whether an entry was written under today's key."""
        return entry.partition(".")[0] == next(iter(self._keys))


def normal(kind: Kind, value: str) -> str:
    """Return the one form in which a value is compared.

    >>> normal("phone", "0086 138 1234 5678"), normal("id_number", "11010119900101001x")
    ('13812345678', '11010119900101001X')
    """
    return _NORMAL[kind](unicodedata.normalize("NFKC", value))


def _phone(value: str) -> str:
    return _COUNTRY.sub("", re.sub(r"[^\d+]", "", value), count=1)


def _without_blanks(value: str) -> str:
    return re.sub(r"\s", "", value).casefold()


def _id_number(value: str) -> str:
    return re.sub(r"\s", "", value).upper()


_NORMAL: dict[Kind, Callable[[str], str]] = {
    "phone": _phone,
    "masked_phone": _without_blanks,
    "id_number": _id_number,
    "bank_card": _id_number,
    "name": _without_blanks,
    "row": str,
}


def _short(key: bytes, told: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, told, sha256)[:_KEPT]).decode().rstrip("=")
