"""第二通道 — a channel that is down must not keep a message waiting: it goes by another one, too.

The first one stays open and is sent when its channel is back, in its order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters.lateness import AT_ONCE, late
from services.notify.agent import Teller
from services.notify.domain.channels import catalogue
from services.notify.domain.decide import DAWN
from services.notify.domain.decision import Decision, Settled, Suppress
from services.notify.domain.ledger import Claimed
from services.notify.domain.reaching import sends_to
from services.notify.domain.receiver import Receiver
from shared.contracts.alerts import Urgency


@dataclass(frozen=True)
class Hastening:
    """Finds what is late, and tells it another way."""

    database: AsyncEngine
    teller: Teller

    async def step(self) -> bool:
        """Tell some of what is late another way; say whether there may be more."""
        return any([await self._tell(urgency) for urgency in self.teller.policy.when_late])

    async def _tell(self, urgency: Urgency) -> bool:
        policy, now = self.teller.policy, self.teller.clock.now()
        how = policy.when_late[urgency]
        by = tuple(channel for channel in how.by if policy.has(channel))
        if not by or now <= DAWN:
            return False
        async with self.database.connect() as connection:
            before = now - timedelta(seconds=how.after_seconds)
            found = await late(connection, urgency, by, before)
        for one in found:
            await self._also(one, by)
        if found:
            self.teller.wake()
        return len(found) == AT_ONCE

    async def _also(self, one: Claimed, by: Iterable[str]) -> None:
        async with self.teller.ledger.begin() as book:
            await book.lock(one.alert_id)
            event, tried = await book.failed(one)
            directory = await book.around(one.broker, one.account, {one.receiver})
            used = {t.channel for t in tried if t.receiver_id == one.receiver}
            receiver = directory.staff.get(one.receiver, Receiver(one.receiver, ""))
            decisions = [d for c in by if c not in used for d in _decided(receiver, c, one.step)]
            if decisions:
                await self.teller.tell_also(book, Settled(event, tuple(decisions)), directory)


def _decided(receiver: Receiver, channel: str, step: int) -> Iterable[Decision]:
    """Return the send, or why it is none: then it is not asked again."""
    if (why := catalogue()[channel].lacks(receiver)) is not None:
        return (Suppress(why, receiver, channel),)
    return sends_to((receiver,), (channel,), "late-elsewhere", step)
