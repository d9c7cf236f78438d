"""导演 — carries out a play minute by minute: posts, ticks, drops, and waits where one must."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.synthetic.company import File
from deploy.synthetic.drop import write
from deploy.synthetic.feed import Feed, Refusal, TurnedAway
from deploy.synthetic.gateway import Gateway
from deploy.synthetic.stillness import UNTOLD, Stillness
from deploy.synthetic.stream import Posting
from deploy.synthetic.timeline import Dropping, Minute
from shared.clock import Clock

IDLE_AT_ONCE = 60  # ticks in one request when nothing else happens
ITS_OWN_CLOCK = "type"  # the place ingest names when it refuses a tick: its clock is the wall's


@dataclass
class Director:
    """Plays. ``speed`` is simulated seconds in one real second during sessions.

    ``gauges`` must be at zero before the play goes on after a file. ``strict``: the clock is told
    whatever the gateway says; else a gateway that keeps its own time stands for a chain that does.
    ``posted`` keeps the wall's unix seconds at which each ``timed`` event was first on its way.
    ``put`` brings a file to where ingest finds it, and returns the place that is empty again when
    it was taken.
    """

    feed: Feed
    gateway: Gateway
    folder: Path
    stillness: Stillness
    clock: Clock
    speed: float
    gauges: Sequence[str]
    strict: bool = True
    timed: Collection[str] = ()
    show: Callable[[Minute], None] = lambda minute: None
    put: Callable[[Path, File], Path] = write
    posted: dict[str, float] = field(default_factory=dict, init=False)
    _due: float = field(default=0.0, init=False)
    _pause: threading.Event = field(default_factory=threading.Event, init=False)

    def perform(self, minutes: Iterable[Minute]) -> None:
        """Carry out the minutes in order.

        Raises ``TurnedAway`` when ingest refuses something good or takes something bad,
        ``GivenUp`` and ``Restless`` when the chain is away or never comes to rest.
        """
        held: list[Minute] = []
        for minute in minutes:
            held.append(minute)
            eventful = minute.paced or minute.postings or minute.droppings
            if eventful or len(held) >= IDLE_AT_ONCE:
                self._play(held)
                held = []
        if held:
            self._play(held)

    def _play(self, minutes: list[Minute]) -> None:
        last = minutes[-1]
        self.gateway.show(last.at)
        self._post([posting for minute in minutes for posting in self._stream(minute)])
        for minute in minutes:
            self._spoil([posting for posting in minute.postings if not posting.good])
        for dropping in last.droppings:
            self._drop(dropping)
        self.show(last)
        if last.paced:
            self._wait(60 / self.speed)

    def _stream(self, minute: Minute) -> list[Posting]:
        good = [posting for posting in minute.postings if posting.good]
        told = self.strict or not self.gateway.own_clock
        return [*good, minute.tick] if told else good

    def _post(self, postings: list[Posting]) -> None:
        if not postings:
            return
        now = self.clock.now().timestamp()
        for posting in postings:
            if posting.identity in self.timed:
                self.posted.setdefault(posting.identity, now)
        refused = self.feed.post([posting.event for posting in postings])
        for refusal in refused:
            self._judge(postings[refusal.index], refusal)

    def _judge(self, posting: Posting, refusal: Refusal) -> None:
        if posting.event["type"] == "clock.ticked" and refusal.place == ITS_OWN_CLOCK:
            raise TurnedAway(f"ingest keeps its own clock (INGEST_CLOCK=source?): {refusal.reason}")
        raise TurnedAway(f"{posting.identity} · {refusal.place}: {refusal.reason}")

    def _spoil(self, postings: list[Posting]) -> None:
        for posting in postings:
            if not self.feed.post([posting.event]):
                raise TurnedAway(f"{posting.identity} was taken, and must not be")

    def _drop(self, dropping: Dropping) -> None:
        self.stillness.taken(self.put(self.folder, file) for file in dropping.files())
        gauges = (*self.gauges, *UNTOLD) if dropping.until_told else self.gauges
        self.stillness.caught_up(gauges)
        self._due = time.monotonic()

    def _wait(self, seconds: float) -> None:
        """Keep the pace from minute to minute; time that was lost is not made up for."""
        self._due = max(self._due + seconds, time.monotonic() - seconds)
        self._pause.wait(max(0.0, self._due - time.monotonic()))
