"""The one clock, as this process hears it: when its minutes stop, no event would ever say so."""

from collections.abc import Callable, Iterable
from time import monotonic


class Minutes:
    """Remembers when each owned partition last had a ``clock.ticked``; ``now`` in seconds."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._heard: dict[int, float] = {}

    def own(self, numbers: Iterable[int]) -> None:
        """Listen to these partitions and no others; a new one is waited for from now on."""
        now = self._now()
        self._heard = {number: self._heard.get(number, now) for number in numbers}

    def heard(self, number: int) -> None:
        """A partition has had a minute."""
        if number in self._heard:
            self._heard[number] = self._now()

    def silent(self) -> float:
        """Return for how many seconds the partition that waits longest has had none."""
        return max((self._now() - at for at in self._heard.values()), default=0.0)
