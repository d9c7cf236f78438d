"""决定 — what is to happen with one revision of an alert, as data, each with its named reason."""

from dataclasses import dataclass
from datetime import datetime

from services.notify.domain.receiver import Receiver
from shared.contracts.alerts import AlertEvent


@dataclass(frozen=True)
class Send:
    """Told to this receiver by this channel.

    ``step``: 1 at first, 2 when nobody was reached, more when handed over or climbed. ``until``: it
    waits so long for others of its client.
    """

    receiver: Receiver
    channel: str
    reason: str
    step: int = 1
    until: datetime | None = None


@dataclass(frozen=True)
class Suppress:
    """Not told: at all, or (when they are named) not to this receiver by this channel.

    ``by``: which silence or which rule has brought it about.
    """

    reason: str
    receiver: Receiver | None = None
    channel: str | None = None
    by: str | None = None


@dataclass(frozen=True)
class Defer:
    """Decided anew at ``until``, business time."""

    until: datetime
    reason: str


Decision = Send | Suppress | Defer


@dataclass(frozen=True)
class Settled:
    """One revision and what was decided for it."""

    event: AlertEvent
    decisions: tuple[Decision, ...]

    @property
    def sends(self) -> tuple[Send, ...]:
        """The intents it leads to."""
        return tuple(d for d in self.decisions if isinstance(d, Send))

    @property
    def deferred(self) -> Defer | None:
        """Whether, and until when, it waits."""
        return next((d for d in self.decisions if isinstance(d, Defer)), None)
