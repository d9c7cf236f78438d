"""并入摘要 — which receivers' messages are merged now, and into what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.notify.adapters.digests import Digests
from services.notify.composing import composed
from services.notify.domain.channel import Channel
from services.notify.domain.digest import Digest, Group, Item, digest_id, summarise
from services.notify.domain.links import Signer
from services.notify.domain.policy import Policy
from services.notify.domain.receiver import Receiver
from shared.clock import Clock


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
        """Merge what has been kept back for long; say whether there was any."""
        if (merging := self.policy.digest) is None:
            return False
        now, named = self.clock.now(), 0
        long_ago = now - timedelta(seconds=merging.after_seconds)
        for group in await self.digests.due(long_ago):
            named += await self.digests.merge(group, merging, now, self._compose)
        if named:
            self.wake()
        return bool(named)

    def _compose(self, group: Group, items: Sequence[Item], receiver: Receiver) -> Digest:
        which = digest_id(items)
        links = self.signer.digest(str(which), receiver.staff_id)
        said = summarise(which, items, receiver, links)
        by, sms = self.channels[group.channel], self.policy.wording.sms
        return Digest(which, group, items, *composed(group.channel, by, said, sms))
