"""升级 — the loop that takes an unanswered alert up its ladder.

After a standstill the highest step that is due is taken, and the ones it passes over are recorded.
While a silence holds nothing is taken and no minute counts; a step it keeps back is recorded.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.agent import Teller
from services.notify.domain.climb import WITHDRAWN, Climb, Escalation
from services.notify.domain.decide import DAWN
from services.notify.domain.decision import Decision, Settled, Suppress
from services.notify.domain.ladder import Rung
from services.notify.domain.ledger import Book, Ledger
from services.notify.domain.muting import Silence, silencing
from services.notify.domain.receiver import Directory
from services.notify.domain.superiors import people_of, rostered
from shared.clock import Clock
from shared.contracts.alerts import AlertEvent, AlertWithdrawn


@dataclass(frozen=True)
class Climbing:
    """Takes the steps that are due."""

    ledger: Ledger
    teller: Teller
    escalation: Escalation
    clock: Clock

    async def step(self, limit: int = 100) -> bool:
        """Take what is due, one transaction an alert; say whether there was anything."""
        now = self.clock.now()
        if now <= DAWN:
            return False
        due = await self.ledger.climbing(now, limit)
        for alert_id in due:
            async with self.ledger.begin() as book:
                await book.lock(alert_id)
                await self._climb(book, alert_id, now)
        if due:
            self.teller.wake()
        return bool(due)

    async def _climb(self, book: Book, alert_id: UUID, now: datetime) -> None:
        climb, event = await book.climb(alert_id), await book.newest(alert_id)
        if climb is None or event is None:
            return
        if isinstance(event, AlertWithdrawn):
            await book.end_climb(alert_id, WITHDRAWN)
            return
        quiet = await book.silences(event.data, climb.since)
        number = self.escalation.highest_due(climb, now, quiet)
        if number is not None:
            await self._take(book, event, climb, number)
            climb = self.escalation.taken(climb, number)
        elif kept := self._kept_quiet(climb, silencing(quiet, now), now):
            await book.note(Settled(event, kept), now)
        await book.keep_climb(alert_id, climb, self.escalation.due(climb, quiet))

    def _kept_quiet(
        self, climb: Climb, silence: Silence | None, now: datetime
    ) -> tuple[Suppress, ...]:
        """Return the step that would be taken now, were it not for a silence."""
        number = self.escalation.highest_due(climb, now)
        if silence is None or number is None:
            return ()
        why = f"escalated-{_named(self.escalation.steps(climb)[number])}-silenced"
        return (Suppress(why, by=f"silence {silence.number}"),)

    async def _take(self, book: Book, event: AlertEvent, climb: Climb, number: int) -> None:
        steps = self.escalation.steps(climb)
        directory = await book.above(event, climb.owner, self._on_call())
        over = steps[climb.taken : number]
        by = f"escalated-{_named(steps[number])}"
        passed = (Suppress(f"passed-over-{_named(rung)}", by=by) for rung in over)
        reached = await self._reach(book, event, climb, (steps[number], directory))
        await self.teller.tell_also(book, Settled(event, (*passed, *reached)), directory)

    async def _reach(
        self, book: Book, event: AlertEvent, climb: Climb, to: tuple[Rung, Directory]
    ) -> tuple[Decision, ...]:
        """Return the sends of a step, or the named reason why it tells nobody new."""
        (rung, directory), alert = to, event.data
        people = people_of(rung.to, climb.owner, directory, self._on_call())
        heard = await book.heard_since(alert.alert_id, climb.revision)
        new = [person for person in people if person.staff_id not in heard]
        ways = self.teller.policy.ways(event, self.clock.now())
        step = await book.last_step(alert.alert_id) + 1
        if sends := ways.sends(new, f"escalated-{_named(rung)}", step):
            return sends
        why = "nobody-reachable" if new else "has-heard" if people else "nobody"
        return (Suppress(f"escalated-{_named(rung)}-{why}"),)

    def _on_call(self) -> frozenset[str]:
        return rostered(self.escalation.policy.on_call, self.clock.now())


def _named(rung: Rung) -> str:
    return rung.to.replace("_", "-")
