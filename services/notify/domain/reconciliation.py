"""对账 — does what the topic raised, and what the ledger says of it, come out even?

Alerts (their revisions): raised = told + merged + suppressed + open + undeliverable.
Intents: written = sent + failed + merged + ambiguous + open. Each side is counted apart: raised in
Kafka, written from decisions, sent from attempts. No counter of a running process is used.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from services.notify.domain.undo import STEP

NAMED = 20
OPEN, TOLD, MERGED, SUPPRESSED, UNDELIVERABLE = (
    "open",
    "told",
    "merged",
    "suppressed",
    "undeliverable",
)
STANDINGS = (TOLD, MERGED, SUPPRESSED, OPEN, UNDELIVERABLE)
SENT, FAILED, AMBIGUOUS = "sent", "failed", "ambiguous"
ENDS = (SENT, FAILED, MERGED, AMBIGUOUS, OPEN)
OF_STATE = {
    "pending": OPEN,
    "retry": OPEN,
    "sending": OPEN,
    "sent": SENT,
    "rejected": FAILED,
    "ambiguous": AMBIGUOUS,
    "merged": MERGED,
}
"""An intent's state in the ledger → its place in the equation."""


class Way(NamedTuple):
    """What a decision to send names, and an intent is unique by."""

    step: int
    channel: str
    receiver: str


@dataclass(frozen=True)
class Written:
    """An intent: its state, and how many of its attempts the gateway is known to have taken.

    ``stands``: its digest's state when it was merged, else its own.
    """

    intent_id: UUID
    way: Way
    state: str
    stands: str
    taken: int


@dataclass(frozen=True)
class Entry:
    """What the ledger holds of one revision. ``state`` is None when it has no such revision.

    ``ignored``: it came behind a higher one, and nobody is told.
    """

    read: bool
    state: str | None
    ignored: bool
    decided: frozenset[Way]
    intents: Sequence[Written]


class Raised(NamedTuple):
    """One revision as the topic holds it."""

    alert_id: UUID
    revision: int
    event_id: str


@dataclass
class Reckoning:
    """The sums so far. ``wrong``: named reason → the alerts it was found at.

    ``buried``: unreadable records in the dead letters; ``unburied``: those that are not there.
    """

    raised: int = 0
    repeated: int = 0
    buried: int = 0
    standings: Counter[str] = field(default_factory=Counter)
    written: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, set[UUID]] = field(default_factory=dict)
    unburied: list[str] = field(default_factory=list)
    _counted: set[tuple[UUID, int]] = field(default_factory=set)

    @property
    def balances(self) -> bool:
        """Say whether both equations hold, and nothing was found wrong."""
        alerts = self.raised == sum(self.standings.values())
        intents = self.written == sum(self.ends.values())
        return alerts and intents and not self.wrong and not self.unburied

    @property
    def alerts_wrong(self) -> tuple[UUID, ...]:
        """Return the alerts at which something was found wrong."""
        return tuple(sorted(set().union(*self.wrong.values())))

    def count(self, raised: Raised, entry: Entry) -> None:
        """Take one revision, told apart by its event's id, with what the ledger holds of it."""
        self.raised += 1
        standing = standing_of(entry)
        if standing is not None:
            self.standings[standing] += 1
        if not entry.read:
            self.find("unread", raised.alert_id)
        elif standing is None:
            self.find("unaccounted", raised.alert_id)
        if (which := (raised.alert_id, raised.revision)) not in self._counted:
            self._counted.add(which)  # the same revision may come again under another id
            self._count_intents(raised, entry)

    def find(self, reason: str, alert: UUID) -> None:
        """Note that something is wrong with an alert."""
        self.wrong.setdefault(reason, set()).add(alert)

    def _count_intents(self, raised: Raised, entry: Entry) -> None:
        there: Mapping[Way, Written] = {intent.way: intent for intent in entry.intents}
        self.written += len(entry.decided)
        for way in entry.decided:
            intent = there.get(way)
            if intent is None:
                self.find("decided-not-written", raised.alert_id)
                continue
            end = OF_STATE[intent.state]
            if end == SENT and not intent.taken:
                self.find("sent-without-attempt", raised.alert_id)
                continue
            self.ends[end] += 1
            if intent.taken > 1:
                self.find("taken-twice", raised.alert_id)
        if there.keys() - entry.decided:
            self.find("written-undecided", raised.alert_id)


def standing_of(entry: Entry) -> str | None:
    """Return where a revision stands, by its intents first; None: nothing accounts for it."""
    telling = [intent for intent in entry.intents if intent.way.step > STEP]
    stands = {OF_STATE[intent.stands] for intent in telling}
    if any(OF_STATE[i.stands] == SENT and i.state != MERGED for i in telling):
        return TOLD
    if SENT in stands:
        return MERGED
    if OPEN in stands or entry.state == "waiting":
        return OPEN
    if entry.state in (SUPPRESSED, UNDELIVERABLE):
        return entry.state
    return SUPPRESSED if entry.ignored else None
