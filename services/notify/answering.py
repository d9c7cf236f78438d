"""答复 — a person answers an alert: kept, told on ``notify.reply.v1``, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.notify.agent import Teller
from services.notify.domain.answer import (
    KINDS,
    NOT_A_LATER,
    Answered,
    HandedOver,
    Said,
    Snoozed,
    Tap,
    Via,
    answer_id,
    reply,
    settled,
    unfit,
)
from services.notify.domain.decision import Send, Settled
from services.notify.domain.ledger import Book, Ledger
from services.notify.domain.quiet_hours import quiet_until
from services.notify.domain.receiver import Directory
from services.notify.marking import BY, mark
from shared.clock import Clock
from shared.contracts.alerts import AlertEvent
from shared.contracts.topics import REPLY
from shared.kernel.trading_day import Calendar
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
    answer: Said
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
        async with self.ledger.begin() as book:
            await book.lock(given.alert_id)
            event = await book.newest(given.alert_id)
            fate = UNKNOWN_ALERT if event is None else await self._judge(book, event, given)
        ANSWERS.labels(KINDS[type(given.answer)], given.via, fate).inc()
        self.teller.wake()
        return fate

    @property
    def calendar(self) -> Calendar:
        """By which a choice of times is understood."""
        return self.teller.escalation.calendar

    async def _judge(self, book: Book, event: AlertEvent, given: Given) -> str:
        now = self.clock.now()
        answer = settled(given.answer, now, self.calendar)
        if answer is None:
            return NOT_A_LATER
        if why := unfit(answer, given.by, now, self.calendar):
            return why
        which = answer_id(given.alert_id, given.by, given.once)
        whose = (given.alert_id, event.data.revision, given.by)
        answered = Answered(which, *whose, answer, given.via, now, given.tap)
        return await self._enter(book, event, answered)

    async def _enter(self, book: Book, event: AlertEvent, answered: Answered) -> str:
        alert, answer = event.data, answered.answer
        heirs = {answer.to} if isinstance(answer, HandedOver) else frozenset[str]()
        directory = await book.around(alert.broker, alert.account, {answered.by, *heirs})
        sends = await self._hand_over(book, event, directory, answered)
        if heirs and not sends:
            return UNKNOWN_PERSON
        if not await book.answer(answered):
            return REPEATED
        await book.tell(REPLY.name, reply(answered, alert))
        await mark(book, self.teller.channels.get(BY), event, (answered, directory))
        await self._put_off(book, event, answered)
        await self._climb_on(book, event, answered)
        if sends:
            await self.teller.tell_also(book, Settled(event, tuple(sends)), directory)
        return TAKEN

    async def _put_off(self, book: Book, event: AlertEvent, answered: Answered) -> None:
        """Have who says 稍后 reminded, not in 免打扰; whatever else is said makes that needless."""
        due = None
        if isinstance(answered.answer, Snoozed):
            until, quiet = answered.answer.until, self.teller.policy.quiet_hours
            due = quiet_until(quiet, event.data.urgency, until) or until
        await book.remind(answered.alert_id, answered.by, due)

    async def _climb_on(self, book: Book, event: AlertEvent, answered: Answered) -> None:
        climb, escalation = await book.climb(answered.alert_id), self.teller.escalation
        if climb is not None:
            quiet = await book.silences(event.data, climb.since)
            climb = escalation.answered(climb, answered.answer, answered.at, quiet)
            await book.keep_climb(answered.alert_id, climb, escalation.due(climb, quiet))

    async def _hand_over(
        self, book: Book, event: AlertEvent, directory: Directory, answered: Answered
    ) -> Sequence[Send]:
        """Return the sends to who has it from now on; none when there is nobody to be reached."""
        if not isinstance(answered.answer, HandedOver):
            return ()
        heir = directory.in_charge(answered.answer.to)
        ways = self.teller.policy.ways(event, answered.at)
        step = await book.last_step(answered.alert_id) + 1
        return ways.sends((heir,) if heir else (), "handed-over", step)
