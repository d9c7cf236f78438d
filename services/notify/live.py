"""实时 — who follows an inbox, and when it is time for them to look.

One look at the newest place serves everybody who follows at this replica. Looking again costs
little and misses nothing: each follower reads behind the place that it has reached itself.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.notify.adapters.rounds import Bell
from shared.observability.metrics import FOLLOWERS
from shared.web.refusal import Refusal

MOST_OF_ONE, MOST = 4, 500
TOO_MANY = "too many live connections"


@dataclass
class Live:
    """The followers of this replica. ``newest``: the place of the newest change."""

    newest: Callable[[], Awaitable[int]]
    closed: bool = field(default=False, init=False)
    _bells: dict[int, Bell] = field(default_factory=dict, init=False)
    _of_one: Counter[str] = field(default_factory=Counter, init=False)
    _seen: int = field(default=-1, init=False)

    @contextmanager
    def follow(self, who: str) -> Iterator[Bell]:
        """Yield what rings when something has changed; raises ``Refusal`` 429 beyond the bound."""
        if self._of_one[who] >= MOST_OF_ONE or len(self._bells) >= MOST:
            raise Refusal(429, TOO_MANY, **{"Retry-After": "30"})
        bell = Bell()
        self._of_one[who] += 1
        self._bells[id(bell)] = bell
        FOLLOWERS.set(len(self._bells))
        try:
            yield bell
        finally:
            del self._bells[id(bell)]
            self._of_one[who] -= 1
            FOLLOWERS.set(len(self._bells))

    async def step(self) -> bool:
        """Ring when there is something new; nobody asks while nobody follows."""
        if self._bells and (newest := await self.newest()) != self._seen:
            self._seen = newest
            self._ring()
        return False

    def close(self) -> None:
        """Send everybody away."""
        self.closed = True
        self._ring()

    def _ring(self) -> None:
        for bell in self._bells.values():
            bell.ring()
