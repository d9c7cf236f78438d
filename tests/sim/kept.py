"""Accounts in memory and in Valkey, each content once: what is equal is the same object.

An account never changes, so whoever has it may share it; and it is packed and read once.
"""

from functools import lru_cache

import msgspec

from services.mot.domain import stored
from services.mot.domain.account import Account

MOST = 20_000  # accounts are kept
_text = msgspec.json.Encoder().encode
_ones: dict[bytes, Account] = {}
_packed: dict[int, bytes] = {}  # by the identity of those in _ones, which keeps it theirs


def one(account: Account) -> Account:
    """Return the one account of this content, zones and all."""
    if len(_ones) >= MOST:
        _ones.clear()
        _packed.clear()
    return _ones.setdefault(_text(account), account)


def pack(account: Account) -> bytes:
    """Return the compact state that a checkpoint stores."""
    known = _packed.get(id(account))
    if known is None:
        known = stored.pack(account)
        if one(account) is account:
            _packed[id(account)] = known
    return known


@lru_cache(maxsize=MOST)
def unpack(raw: bytes) -> Account:
    """Return a stored state."""
    return one(stored.unpack(raw))
