"""账本 — what the agent asks of the ledger. One ``Book`` is one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid5

from services.notify.domain.books import AnswerBook, ClimbBook, ReminderBook
from services.notify.domain.decide import Tried
from services.notify.domain.decision import Send, Settled
from services.notify.domain.muting import Muting
from services.notify.domain.receiver import Directory
from services.notify.domain.retry import Ended, Verdict
from services.notify.domain.undo import STEP, Shown
from shared.contracts.alerts import Alert, AlertEvent, Urgency


@dataclass(frozen=True)
class Held:
    """An alert as the ledger holds it, locked. ``revision``: the highest one known, 0 for none."""

    revision: int = 0
    standing: bool = False
    since: datetime | None = None
    waiting: bool = False
    reason: str | None = None


@dataclass(frozen=True)
class Intent:
    """意图 — one revision to one receiver by one channel: written before it is sent, with its body.

    Its id is derived: a second writing is recognised. ``sms_parts``: how many SMS it is charged as.
    """

    intent_id: UUID
    event: AlertEvent
    send: Send
    body: str = field(repr=False)
    sms_parts: int | None = None


def intent_id(event: AlertEvent, send: Send) -> UUID:
    """Return the identity of (alert, revision, step, channel, receiver)."""
    name = f"{event.data.revision}|{send.step}|{send.channel}|{send.receiver.staff_id}"
    return uuid5(event.data.alert_id, name)


@dataclass(frozen=True)
class Claimed:
    """An intent taken for one attempt, under a lease. ``unsure`` counts earlier such attempts.

    ``counted``: what its budgets count this attempt under.
    """

    intent_id: UUID
    alert_id: UUID
    revision: int
    step: int
    broker: str
    account: str
    channel: str
    receiver: str
    urgency: Urgency
    body: str = field(repr=False)
    attempts: int
    unsure: int
    first_at: datetime
    lease: UUID
    counted: tuple[str, ...] = ()

    @property
    def is_digest(self) -> bool:
        """Several were merged into it; it is no alert's own."""
        return self.revision == 0

    @property
    def takes_back(self) -> bool:
        """It tells nobody anything: see ``domain.undo``."""
        return self.step <= STEP and not self.is_digest

    @property
    def tells_one(self) -> bool:
        """It is one revision's way to one person."""
        return not self.is_digest and not self.takes_back

    @property
    def attempt(self) -> str:
        """The name of this attempt."""
        return attempt_name(self.intent_id, self.attempts)


def attempt_name(intent: UUID, number: int) -> str:
    """Return the name that tells an intent's attempt from all others."""
    return f"{intent.hex}:{number}"


class Book(AnswerBook, ClimbBook, ReminderBook, Protocol):
    """One transaction on the ledger."""

    async def enter(self, heard: Sequence[tuple[AlertEvent, str]]) -> Mapping[str, Held]:
        """Enter events, no two of one alert, with their records' names into the inbox.

        Return by event id the new ones' alerts, locked, created when new.
        """
        ...

    async def take_due(self, alert_id: UUID, now: datetime) -> Held | None:
        """Lock an alert whose time has come; None when another worker has it or had it."""
        ...

    async def ignore(self, event: AlertEvent, reason: str, now: datetime) -> None:
        """Keep why a revision was not even considered."""
        ...

    async def pending(self, alert_id: UUID) -> Sequence[AlertEvent]:
        """Return the revisions not decided for good, oldest first."""
        ...

    async def heard(self, alert_id: UUID) -> frozenset[str]:
        """Return the staff ids of all who were to be told of any revision."""
        ...

    async def shown(self, alert_id: UUID) -> Sequence[Shown]:
        """Return the alert's messages that were sent, oldest first."""
        ...

    async def outdated(self, accepted: Sequence[Claimed]) -> Sequence[Shown]:
        """Return the messages that these, where they are corrections, stand in for.

        Each by the same channel to the same person, earlier, sent, and as it was sent.
        """
        ...

    async def around(self, broker: str, account: str, heard: Iterable[str]) -> Directory:
        """Return the people around an account."""
        ...

    async def muting(self, alert: Alert, now: datetime, before: bool) -> Muting:
        """Return the silences of its broker; with ``before``, what its account was told last."""
        ...

    async def remember(self, event: AlertEvent, now: datetime) -> None:
        """Keep that its account was told of its rule; or, withdrawn, that this holds no more."""
        ...

    async def record(self, settled: Settled, now: datetime, quietly: bool) -> None:
        """Keep a revision and its decisions; ``quietly``: a deferral that is no news is not."""
        ...

    async def intend(self, intents: Sequence[Intent]) -> None:
        """Write intents; one that is there already is left as it is."""
        ...

    async def hold(self, alert_id: UUID, held: Held, due: datetime | None) -> None:
        """Keep its highest revision, and what the alert waits for or that it waits no more."""
        ...

    async def conclude(self, claimed: Claimed, verdict: Verdict, now: datetime) -> float | None:
        """Keep an attempt's verdict; return the seconds since the intent's transaction began.

        None: the lease has gone to somebody else meanwhile, and nothing was kept.
        """
        ...

    async def conclude_sent(
        self, sent: Sequence[tuple[Claimed, Ended]], now: datetime
    ) -> Mapping[UUID, float]:
        """Keep many that were sent, as ``conclude``; one that has lost its lease is left out."""
        ...

    async def lock(self, alert_id: UUID) -> None:
        """Lock an alert."""
        ...

    async def concerned(self, claimed: Claimed) -> Sequence[Claimed]:
        """Return the intent, or what was merged into it, with the alerts locked.

        So two intents of one alert never fail at the same time unseen.
        """
        ...

    async def failed(self, claimed: Claimed) -> tuple[AlertEvent, Sequence[Tried]]:
        """Return the revision of an intent and all that revision's intents as they stand."""
        ...


class Ledger(Protocol):
    """The ledger."""

    def begin(self) -> AbstractAsyncContextManager[Book]:
        """Open a transaction: committed at the end, rolled back on an exception."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Return alerts whose time has come."""
        ...

    async def climbing(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Return alerts whose next step on the ladder is due."""
        ...

    async def reminding(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Return alerts that somebody is to be reminded of."""
        ...
