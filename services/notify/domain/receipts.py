"""回执 — how the providers of Chinese SMS and calls write a report: JSON, and Shanghai's time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, TypeAdapter, ValidationError

from services.notify.domain.channel import WrongReceipt
from shared.kernel.trading_day import CHINA

R = TypeVar("R")


def _local(text: object) -> object:
    """Return the moment of a text such as ``2026-06-01 09:31:07``."""
    if not isinstance(text, str):
        raise ValueError("no text")
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)


LocalTime = Annotated[AwareDatetime, BeforeValidator(_local)]
MessageId = Annotated[str, AfterValidator(lambda text: text[:200])]
"""As long as the ledger keeps it: see ``Sent.message_id``."""


def reports(adapter: TypeAdapter[list[R]], payload: bytes) -> Sequence[R]:
    """Return a report's entries; raises `WrongReceipt` without a word of what they hold."""
    try:
        return adapter.validate_json(payload)
    except ValidationError as error:
        raise WrongReceipt(f"{error.error_count()} places cannot be read") from None
