"""再提醒 — who said 稍后 is told again when the time has come: once, then the climb goes on.

Not while a silence or 免打扰 keeps the alert quiet: then at its end.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.agent import Teller
from services.notify.domain.decide import DAWN
from services.notify.domain.decision import Decision, Defer, Settled, Suppress
from services.notify.domain.ledger import Book, Ledger
from services.notify.domain.muting import silencing
from services.notify.domain.quiet_hours import quiet_until
from services.notify.domain.receiver import Directory
from shared.clock import Clock
from shared.contracts.alerts import AlertEvent, AlertWithdrawn

OVER = "snooze-over"


@dataclass(frozen=True)
class Reminding:
    """Tells again what was put off."""

    ledger: Ledger
    teller: Teller
    clock: Clock

    async def step(self, limit: int = 100) -> bool:
        """Remind of what is due, one transaction an alert; say whether there was anything."""
        now = self.clock.now()
        if now <= DAWN:
            return False
        due = await self.ledger.reminding(now, limit)
        for alert_id in due:
            async with self.ledger.begin() as book:
                await book.lock(alert_id)
                await self._remind(book, alert_id, now)
        return bool(due)

    async def _remind(self, book: Book, alert_id: UUID, now: datetime) -> None:
        staff_id, event = await book.reminded(alert_id, now), await book.newest(alert_id)
        if staff_id is None or event is None:
            return
        if isinstance(event, AlertWithdrawn):
            await book.remind(alert_id, staff_id, None)
            return
        if (waits := await self._too_early(book, event, now)) is not None:
            await book.note(Settled(event, (waits,)), now)
            await book.postpone(alert_id, waits.until)
            return
        directory = await book.around(event.data.broker, event.data.account, {staff_id})
        told = await self._again(book, event, directory, staff_id)
        await self.teller.tell_also(book, Settled(event, told), directory)
        await book.remind(alert_id, staff_id, None)

    async def _too_early(self, book: Book, event: AlertEvent, now: datetime) -> Defer | None:
        silence = silencing(await book.silences(event.data, now), now)
        if silence is not None:
            return Defer(silence.until, "silenced")
        until = quiet_until(self.teller.policy.quiet_hours, event.data.urgency, now)
        return None if until is None else Defer(until, "quiet-hours")

    async def _again(
        self, book: Book, event: AlertEvent, directory: Directory, staff_id: str
    ) -> tuple[Decision, ...]:
        person = directory.in_charge(staff_id)
        ways = self.teller.policy.ways(event, self.clock.now())
        step = await book.last_step(event.data.alert_id) + 1
        sends = ways.sends((person,) if person else (), OVER, step)
        return sends or (Suppress(f"{OVER}-nobody-reachable"),)
