"""护照 — the event an alert follows from, as text that reads back to exactly the same. Pure."""

from typing import Any

import msgspec

from services.mot.domain.events import TradingEvent
from services.mot.domain.li import Li, decode_hook, write_li


def _encode_hook(value: Any) -> Any:
    if isinstance(value, Li):
        return write_li(value)
    raise NotImplementedError(f"no text for {type(value).__name__}")


_event = msgspec.json.Encoder(enc_hook=_encode_hook)
_read_event = msgspec.json.Decoder[TradingEvent](TradingEvent, dec_hook=decode_hook)


def event_text(event: TradingEvent) -> str:
    """Return the event as mot read it: canonical JSON, money as the wire's text."""
    return _event.encode(event).decode()


def event_of(text: str) -> TradingEvent:
    """Return the event that a passport holds."""
    event: TradingEvent = _read_event.decode(text)
    return event
