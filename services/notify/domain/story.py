"""原委 — all the ledger knows of one alert: what was read, decided, sent, and answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.notify.domain.answer import Answered
from shared.contracts.alerts import AlertEvent


@dataclass(frozen=True)
class Heard:
    """A revision as it was read, and where it stands. ``read`` is wall time."""

    event: AlertEvent
    state: str
    read: datetime


@dataclass(frozen=True)
class Ruling:
    """A decision as the ledger keeps it; ``at`` and ``until`` are business time.

    ``by``: what kept it quiet, a silence or a rule.
    """

    revision: int
    decision: str
    reason: str
    at: datetime
    channel: str | None
    receiver: str | None
    step: int | None
    until: datetime | None
    by: str | None


@dataclass(frozen=True)
class Try:
    """One attempt, wall time; ``outcome`` is None while it is under way."""

    number: int
    began: datetime
    ended: datetime | None
    outcome: str | None
    reason: str | None


@dataclass(frozen=True)
class Delivery:
    """One intent. ``digest``: it was merged, and ``state`` and ``tries`` are its digest's.

    ``sms_parts``: as how many SMS it is charged.
    """

    intent_id: UUID
    revision: int
    step: int
    channel: str
    receiver: str
    state: str
    reason: str | None
    ended: datetime | None
    message_id: str | None
    digest: UUID | None
    tries: Sequence[Try]
    sealed_body: str = field(repr=False)
    sms_parts: int | None = None


@dataclass(frozen=True)
class Reported:
    """回执 — what the provider reported of an accepted message; ``at`` is its own word."""

    revision: int
    channel: str
    receiver: str
    arrived: bool
    reason: str
    at: datetime


@dataclass(frozen=True)
class Story:
    """One alert from the first reading to the last answer, each part oldest first."""

    alert_id: UUID
    broker: str
    account: str
    heard: Sequence[Heard]
    rulings: Sequence[Ruling]
    deliveries: Sequence[Delivery]
    receipts: Sequence[Reported]
    answers: Sequence[Answered]
