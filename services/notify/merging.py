"""并入摘要 — which receivers' messages are merged now, and into what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notify.adapters.digests import Digests
from services.notify.composing import composed
from services.notify.domain.channel import Channel
from services.notify.domain.digest import Digest, Group, Item, digest_id, summarise
from services.notify.domain.links import Signer
from services.notify.domain.policy import Policy
from services.notify.domain.receiver import Receiver
from shared.clock import Clock

AT_LEAST = 2


@dataclass(frozen=True)
class Merger:
    """Makes digests. ``wake`` tells the dispatcher that there is something to send."""

    digests: Digests
    policy: Policy
    channels: Mapping[str, Channel]
    signer: Signer
    clock: Clock
    wake: Callable[[], None]

    async def merge_due(self) -> bool:
        """Merge what was kept back or has waited for long; say whether there was any."""
        now = self.clock.now()
        done = await self._of_clients(now) + await self._above_budgets(now)
        if done:
            self.wake()
        return bool(done)

    async def _of_clients(self, now: datetime) -> int:
        """Merge what waits for others of its client, or let it go alone; return how many groups."""
        groups = await self.digests.waiting(now)
        most = self.policy.grouping.at_most if self.policy.grouping else 0
        for group in groups:
            if not await self.digests.merge(group, (AT_LEAST, most), now, self._compose):
                await self.digests.let_go(group, now)
        return len(groups)

    async def _above_budgets(self, now: datetime) -> int:
        """Merge what budgets keep back; return how many messages."""
        if (merging := self.policy.digest) is None:
            return 0
        named, size = 0, (merging.at_least, merging.at_most)
        long_ago = now - timedelta(seconds=merging.after_seconds)
        for group in await self.digests.due(long_ago):
            named += await self.digests.merge(group, size, now, self._compose)
        return named

    def _compose(self, group: Group, items: Sequence[Item], receiver: Receiver) -> Digest:
        which = digest_id(items)
        links = self.signer.digest(str(which), receiver.staff_id)
        said = summarise(which, items, receiver, links)
        by, sms = self.channels[group.channel], self.policy.wording.sms
        return Digest(which, group, items, *composed(group.channel, by, said, sms))
