"""经过 — an alert as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notify.domain.answer import Answered
from shared.contracts.alerts import AlertEvent


@dataclass(frozen=True)
class Told:
    """One delivery as the page shows it: a revision's way to one member of staff."""

    revision: int
    channel: str
    receiver: str
    state: str
    at: datetime | None


@dataclass(frozen=True)
class Step:
    """What an alert's climb came to at one moment, by its reason; ``receiver``: who then heard."""

    reason: str
    receiver: str | None
    at: datetime


@dataclass(frozen=True)
class View:
    """What the page shows, oldest first. ``revisions``: all of them, with where each stands.

    ``next_step``: when the alert climbs further unless somebody answers.
    """

    revisions: Sequence[tuple[AlertEvent, str]]
    deliveries: Sequence[Told]
    client: str | None
    is_todo: bool
    answers: Sequence[Answered] = ()
    steps: Sequence[Step] = ()
    next_step: datetime | None = None
