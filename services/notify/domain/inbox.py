"""收件 — an alert as it stands in somebody's inbox or in a search, and what it is looked for by."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.notify.domain.answer import Answered
from services.notify.domain.decision import Settled
from shared.contracts.alerts import (
    AlertEvent,
    AlertRaised,
    AlertUpdated,
    AlertWithdrawn,
    Urgency,
)

Outcome = Literal["waiting", "told", "suppressed", "undeliverable"]


@dataclass(frozen=True)
class Entry:
    """One alert: the revision last told, or last read; how it stands; whose client's it is.

    ``number``: its place in the list, the newest highest. ``changed``: its place among what has
    changed, 0 outside an inbox. ``heard``: when this person was first told, wall time.
    ``next_step``: when it climbs unless somebody answers. ``client``: the name, masked.
    """

    number: int
    changed: int
    event: AlertEvent
    outcome: Outcome
    open: bool
    client: str | None
    manager_id: str | None
    branch_id: str | None
    next_step: datetime | None
    last: Answered | None
    heard: datetime | None


@dataclass(frozen=True)
class Wanted:
    """Which alerts, all that is given; days are trading days, both included."""

    open: bool | None = None
    urgency: Urgency | None = None
    rule: str | None = None
    day_from: date | None = None
    day_to: date | None = None
    account: str | None = None
    staff: str | None = None
    outcome: Outcome | None = None


def openness(settled: Settled) -> bool | None:
    """Return whether an alert is to be answered from now on; None: this changes nothing.

    One that goes on asks again, one that is withdrawn asks no more. A first revision is open.
    """
    match settled.event:
        case AlertWithdrawn():
            return False
        case AlertRaised() | AlertUpdated() if settled.event.data.revision > 1 and settled.sends:
            return True
        case _:
            return None
