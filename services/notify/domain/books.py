"""账本, its further pages: what answers, climbs and reminders ask of it. See ``ledger``."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.notify.domain.answer import Answered
from services.notify.domain.climb import Climb
from services.notify.domain.decision import Settled
from services.notify.domain.muting import Silence
from services.notify.domain.receiver import Directory
from shared.contracts.alerts import Alert, AlertEvent
from shared.contracts.event import Event


class AnswerBook(Protocol):
    """Answers, what is told beside what was decided, and the outbox."""

    async def note(self, settled: Settled, now: datetime) -> None:
        """Keep further decisions of a revision; one that nobody was told is told when they send."""
        ...

    async def newest(self, alert_id: UUID) -> AlertEvent | None:
        """Return an alert's newest revision that was told, else its newest; None: no such alert."""
        ...

    async def last_step(self, alert_id: UUID) -> int:
        """Return the highest step of the alert's intents, at least 2: those are the first ways."""
        ...

    async def lowest_step(self, alert_id: UUID) -> int:
        """Return the lowest step of the alert's intents, at most 0: see ``domain.undo``."""
        ...

    async def answer(self, answered: Answered) -> bool:
        """Keep an answer; False when it is there already."""
        ...

    async def tell(self, topic: str, *events: Event) -> None:
        """Put events into the outbox: published when the transaction is committed."""
        ...


class ReminderBook(Protocol):
    """Who is to be reminded of what."""

    async def remind(self, alert_id: UUID, staff_id: str, due: datetime | None) -> None:
        """Have somebody reminded of an alert, and nobody else; None: nobody at all."""
        ...

    async def postpone(self, alert_id: UUID, due: datetime) -> None:
        """Look at an alert's reminder again at ``due``; sooner when a silence is ended sooner."""
        ...

    async def reminded(self, alert_id: UUID, now: datetime) -> str | None:
        """Return who is to be reminded of the alert by now."""
        ...


class ClimbBook(Protocol):
    """Where alerts stand on their ladders."""

    async def climb(self, alert_id: UUID) -> Climb | None:
        """Return where an alert stands on its ladder; None: it never began to climb."""
        ...

    async def keep_climb(self, alert_id: UUID, climb: Climb, due: datetime | None) -> None:
        """Keep where an alert stands, and when its next step is due (None: never)."""
        ...

    async def end_climb(self, alert_id: UUID, reason: str) -> None:
        """End an alert's climb, if it has one, whatever it had come to."""
        ...

    async def above(self, event: AlertEvent, owner: str, on_call: Iterable[str]) -> Directory:
        """Return the people above an owner, those on call and the risk desk."""
        ...

    async def silences(self, alert: Alert, since: datetime) -> Sequence[Silence]:
        """Return those that keep the alert quiet at some time after ``since``, the oldest first."""
        ...

    async def heard_since(self, alert_id: UUID, revision: int) -> frozenset[str]:
        """Return who was to be told of this revision or a later one."""
        ...
