"""Every event of ``futures.account.v1``, whoever reads it; mot watches those of ``trading``."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from shared.contracts.dealings import DealingEvent
from shared.contracts.registry import RegistryEvent
from shared.contracts.trading import AccountEvent, ClockTicked, DayClosed

StreamEvent = Annotated[
    AccountEvent | DealingEvent | RegistryEvent | ClockTicked | DayClosed,
    Field(discriminator="type"),
]
STREAM: TypeAdapter[StreamEvent] = TypeAdapter(StreamEvent)
