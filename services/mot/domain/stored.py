"""An account's memory as it is kept: compact in a checkpoint, text in a passport. Pure."""

from datetime import UTC

import msgspec

from services.mot.domain.account import VERSION, Account, changed


class OtherLayout(ValueError):
    """A state that a newer code wrote: this one cannot read it."""


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Account).decode
_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(Account).decode


def pack(account: Account) -> bytes:
    """Return the compact state that a checkpoint stores."""
    return _pack(account)


def unpack(raw: bytes) -> Account:
    """Return a stored state, of this layout or an older one."""
    return _of_this_layout(_unpack(raw))


def state_text(account: Account) -> str:
    """Return the compact state as JSON: the record of a passport and of ``mot.state.v1``.

    It tells moments in UTC, as a stored state has them: the same text before and after a restart.
    """
    at = account.available_at
    orders = {
        id_: changed(order, at=order.at.astimezone(UTC), placed_at=order.placed_at.astimezone(UTC))
        for id_, order in account.orders.items()
    }
    return _write(changed(account, available_at=at and at.astimezone(UTC), orders=orders)).decode()


def state_of(text: str) -> Account:
    """Return a state from its text, of this layout or an older one."""
    return _of_this_layout(_read(text))


def _of_this_layout(account: Account) -> Account:
    """Return the state as this code writes it; a newer code's is refused.

    An older worker that read and wrote it would drop the fields it does not know.
    """
    if account.version > VERSION:
        raise OtherLayout(f"state of version {account.version}, this code knows {VERSION}")
    return account if account.version == VERSION else changed(account, version=VERSION)
