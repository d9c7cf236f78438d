"""护照 — what an alert follows from, as text that reads back to exactly the same. Pure."""

from typing import Any

import msgspec

from services.mot.domain.account import VERSION, Account, changed
from services.mot.domain.events import TradingEvent
from services.mot.domain.li import Li, decode_hook, write_li


class OtherLayout(ValueError):
    """A state that a newer code wrote: this one cannot read it."""


def _encode_hook(value: Any) -> Any:
    if isinstance(value, Li):
        return write_li(value)
    raise NotImplementedError(f"no text for {type(value).__name__}")


_event = msgspec.json.Encoder(enc_hook=_encode_hook)
_read_event = msgspec.json.Decoder[TradingEvent](TradingEvent, dec_hook=decode_hook)
_state = msgspec.json.Encoder()
_read_state = msgspec.json.Decoder(Account)


def event_text(event: TradingEvent) -> str:
    """Return the event as mot read it: canonical JSON, money as the wire's text."""
    return _event.encode(event).decode()


def event_of(text: str) -> TradingEvent:
    """Return the event that a passport holds."""
    event: TradingEvent = _read_event.decode(text)
    return event


def state_text(account: Account) -> str:
    """Return the compact state as JSON: the record of a passport and of ``mot.state.v1``."""
    return _state.encode(account).decode()


def state_of(text: str) -> Account:
    """Return a state from its text, of this layout or an older one."""
    account = _read_state.decode(text)
    if account.version > VERSION:
        raise OtherLayout(f"state of version {account.version}, this code knows {VERSION}")
    return account if account.version == VERSION else changed(account, version=VERSION)
