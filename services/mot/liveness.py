"""Is the worker getting on? Asked by ``/livez``, and by a thread that ends a process which is not.

A loop that turns is not enough: a consumer can stop fetching without an error, and an agent can wait
for ever. So what counts is the watermark: it moves, or nothing is known to lie behind it.
"""  # noqa: E501

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import NamedTuple

EVERY = 1.0  # seconds between two looks
FROZEN = 5.0  # seconds between two looks that say: the whole process stood still
GRACE = 60.0  # seconds: joining the group at the start may wait for a dead member to be missed


class Place(NamedTuple):
    """A partition's watermark, and where its log ends (None: not known yet)."""

    watermark: int
    end: int | None


class Liveness:
    """Remembers since when the loop, the feed and each partition have not moved. Times in seconds.

    ``patience``: how long something may stand still. ``beat`` and ``turned`` are called by the loop
    and by the feed; ``ends`` are those last asked of Kafka, apart from the fetching.
    """

    def __init__(self, patience: float, places: Callable[[], Mapping[int, Place]]) -> None:
        self._patience, self._places = patience, places
        self._beat = monotonic()
        self._turned = self._beat + GRACE
        self._since: dict[int, tuple[int, float]] = {}

    def beat(self) -> None:
        """The event loop turns."""
        self._beat = monotonic()

    def turned(self) -> None:
        """The feed has come back from a fetch, or an assignment has changed."""
        self._turned = monotonic()

    def thawed(self) -> None:
        """The process or its machine was stopped, and goes on: nobody is late for that."""
        self._beat = self._turned = monotonic()
        self._since = {}

    def stuck(self, now: float) -> tuple[float, str]:
        """Return how long the slowest thing has stood still, and what it is."""
        looks = [(now - self._beat, "the event loop"), (now - self._turned, "the feed")]
        looks += [(now - since, f"partition {n}") for n, since in self._standing(now).items()]
        return max(looks)

    def alive(self) -> str | None:
        """Return what has stood still for too long, if anything."""
        seconds, what = self.stuck(monotonic())
        return f"{what} has not moved for {seconds:.0f} s" if seconds > self._patience else None

    def _standing(self, now: float) -> dict[int, float]:
        """Return since when each partition has had records waiting and none done."""
        places = dict(self._places())
        since: dict[int, tuple[int, float]] = {}
        for number, (watermark, end) in places.items():
            if end is not None and end > watermark + 1:
                seen, when = self._since.get(number, (watermark, now))
                since[number] = (seen, when) if seen == watermark else (watermark, now)
        self._since = since
        return {number: when for number, (_, when) in since.items()}


def watch_over(liveness: Liveness, end: Callable[[str], None]) -> threading.Event:
    """Look every second from a thread of its own, and ``end`` the process that stands still.

    The thread needs nothing of the event loop; set what is returned to stop it.
    """
    over = threading.Event()

    def look() -> None:
        last = monotonic()
        while not over.wait(EVERY):
            last, late = monotonic(), monotonic() - last > FROZEN
            if late:
                liveness.thawed()
            try:
                reason = liveness.alive()
            except Exception as error:
                reason = f"the watchdog cannot look: {error!r}"
            if reason:
                end(reason)
                return

    threading.Thread(target=look, name="watchdog", daemon=True).start()
    return over
