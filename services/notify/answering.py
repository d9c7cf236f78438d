"""答复 — a person answers an alert: kept, told on ``notify.reply.v1``, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.notify.agent import Teller
from services.notify.domain.answer import (
    KINDS,
    Answer,
    Answered,
    HandedOver,
    Snoozed,
    Tap,
    Via,
    answer_id,
    reply,
    unfit,
)
from services.notify.domain.decision import Send, Settled
from services.notify.domain.ledger import Book, Ledger
from services.notify.domain.quiet_hours import quiet_until
from services.notify.domain.receiver import Directory
from services.notify.marking import mark
from shared.clock import Clock
from shared.contracts.alerts import AlertEvent
from shared.contracts.topics import REPLY
from shared.observability.metrics import ANSWERS

TAKEN, REPEATED = "taken", "repeated"
UNKNOWN_ALERT, UNKNOWN_PERSON = "unknown-alert", "unknown-person"


@dataclass(frozen=True)
class Given:
    """What somebody says. ``once`` is the same when it is said again, as by a second click.

    ``tap``: the card it is said on, which then shows it.
    """

    alert_id: UUID
    by: str
    answer: Answer
    once: str
    via: Via
    tap: Tap | None = None


@dataclass(frozen=True)
class Answering:
    """Takes answers; whoever gives one has been let in before."""

    ledger: Ledger
    teller: Teller
    clock: Clock

    async def take(self, given: Given) -> str:
        """Keep an answer, once; return ``taken``, ``repeated`` or the named reason why not."""
        now = self.clock.now()
        fate = unfit(given.answer, given.by, now)
        if fate is None:
            async with self.ledger.begin() as book:
                await book.lock(given.alert_id)
                event = await book.newest(given.alert_id)
                fate = UNKNOWN_ALERT if event is None else await self._enter(book, event, given)
        ANSWERS.labels(KINDS[type(given.answer)], given.via, fate).inc()
        self.teller.wake()
        return fate

    async def _enter(self, book: Book, event: AlertEvent, given: Given) -> str:
        now, alert = self.clock.now(), event.data
        heirs = {given.answer.to} if isinstance(given.answer, HandedOver) else frozenset[str]()
        directory = await book.around(alert.broker, alert.account, heirs)
        sends = await self._hand_over(book, event, directory, given)
        if heirs and not sends:
            return UNKNOWN_PERSON
        which = answer_id(given.alert_id, given.by, given.once)
        answered = Answered(
            which,
            given.alert_id,
            alert.revision,
            given.by,
            given.answer,
            given.via,
            now,
            given.tap,
        )
        if not await book.answer(answered):
            return REPEATED
        await book.tell(REPLY.name, reply(answered, alert))
        await mark(book, self.teller.channels, event, answered)
        await self._put_off(book, event, given)
        await self._climb_on(book, event, given)
        if sends:
            await self.teller.tell_also(book, Settled(event, tuple(sends)), directory)
        return TAKEN

    async def _put_off(self, book: Book, event: AlertEvent, given: Given) -> None:
        """Have who says 稍后 reminded, not in 免打扰; whatever else is said makes that needless."""
        due = None
        if isinstance(given.answer, Snoozed):
            until, quiet = given.answer.until, self.teller.policy.quiet_hours
            due = quiet_until(quiet, event.data.urgency, until) or until
        await book.remind(given.alert_id, given.by, due)

    async def _climb_on(self, book: Book, event: AlertEvent, given: Given) -> None:
        climb, escalation = await book.climb(given.alert_id), self.teller.escalation
        if climb is not None:
            quiet = await book.silences(event.data, climb.since)
            climb = escalation.answered(climb, given.answer, self.clock.now(), quiet)
            await book.keep_climb(given.alert_id, climb, escalation.due(climb, quiet))

    async def _hand_over(
        self, book: Book, event: AlertEvent, directory: Directory, given: Given
    ) -> Sequence[Send]:
        """Return the sends to who has it from now on; none when there is nobody to be reached."""
        if not isinstance(given.answer, HandedOver):
            return ()
        heir = directory.in_charge(given.answer.to)
        ways = self.teller.policy.ways(event, self.clock.now())
        step = await book.last_step(given.alert_id) + 1
        return ways.sends((heir,) if heir else (), "handed-over", step)
