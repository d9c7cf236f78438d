"""守门 — which sources are stopped because too much of theirs was refused, for all replicas."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from services.ingest.domain.books import StoresAway
from services.ingest.domain.refusal_limit import RefusalLimit, Stop, Tally
from shared.clock import Clock
from shared.observability.logging import logger
from shared.observability.metrics import SOURCE_STOPPED

CLEAR = "guanchao dead-letters resume"
REFRESH_SECONDS = 1.0


class Stops(Protocol):
    """The sources that are stopped."""

    async def all(self) -> Sequence[Stop]:
        """Recall them."""

    async def write(self, stop: Stop) -> None:
        """Stop a source; one that is stopped already stays so until the later moment."""

    async def clear(self, source: str) -> Stop | None:
        """Let a source on; return what had stopped it."""


class Gatekeeper(Protocol):
    """Says who is not taken from, and is told what became of the rest."""

    def stopped(self, source: str) -> Stop | None:
        """Return why a source is not taken from now; None: it is."""

    def seconds_left(self, stop: Stop) -> int:
        """Return after how many seconds the source may try again, at least one."""

    async def note(self, source: str, seen: int, refused: int) -> None:
        """Count what a source told; beyond the limit it is stopped."""


class OpenGate:
    """Stops nobody."""

    def stopped(self, source: str) -> Stop | None:
        return None

    def seconds_left(self, stop: Stop) -> int:
        return 1

    async def note(self, source: str, seen: int, refused: int) -> None:
        return None


OpenStops = Callable[[], AbstractAsyncContextManager[Stops]]


@dataclass
class Guard:
    """Counts what each source tells, stops it beyond the limit, and knows who is stopped.

    See ``Gatekeeper``. ``stops``: as the database had it at the last ``refresh``, which every
    replica does.
    """

    limit: RefusalLimit
    clock: Clock
    open_stops: OpenStops
    tallies: dict[str, Tally] = field(default_factory=dict)
    stops: dict[str, Stop] = field(default_factory=dict)

    def stopped(self, source: str) -> Stop | None:
        stop = self.stops.get(source)
        return stop if stop and self.clock.now() < stop.until else None

    def seconds_left(self, stop: Stop) -> int:
        return max(1, round((stop.until - self.clock.now()).total_seconds()))

    async def note(self, source: str, seen: int, refused: int) -> None:
        """Count what a source told; beyond the limit it is stopped, and told of once."""
        if not refused and source not in self.tallies:
            return
        now = self.clock.now()
        tally = self.tallies.get(source, Tally()).noted(seen, refused, now, self.limit.window)
        self.tallies[source] = tally
        stop = tally.stop(source, self.limit, now) if refused else None
        if stop is None or self.stopped(source):
            return
        async with self.open_stops() as stops:
            await stops.write(stop)
        self._take(stop)

    async def refresh(self) -> None:
        """Learn who is stopped; one that was let on begins to be counted anew."""
        now = self.clock.now()
        async with self.open_stops() as stops:
            held = {stop.source: stop for stop in await stops.all() if now < stop.until}
        for source in self.stops.keys() - held.keys():
            self.tallies.pop(source, None)
            SOURCE_STOPPED.labels(source).set(0)
            logger().info("source taken from again", source=source)
        for stop in held.values():
            if stop.source not in self.stops:
                self._take(stop)
        self.stops = held

    async def keep(self) -> None:
        """Refresh for ever; while the database is away it stays as it was."""
        while True:
            try:
                await self.refresh()
            except StoresAway:
                logger().warning("stops not known", reason="the database is away")
            await asyncio.sleep(REFRESH_SECONDS)

    def _take(self, stop: Stop) -> None:
        self.stops[stop.source] = stop
        SOURCE_STOPPED.labels(stop.source).set(1)
        logger().error(
            "source stopped",
            source=stop.source,
            reason=str(stop),
            until=stop.until.isoformat(),
            remedy=f"correct the source, then {CLEAR} {stop.source}",
        )
