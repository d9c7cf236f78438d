"""A loop that works as long as there is work, then waits for a bell, but never long."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Step = Callable[[], Awaitable[bool]]
STUCK_SECONDS = 30.0


class Bell:
    """Rung when there may be something to do."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits; nobody waiting now will not wait next time."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Return when rung, or after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()


@dataclass(frozen=True)
class Loop:
    """A step repeated while it finds work, else after its bell or ``poll`` seconds."""

    name: str
    step: Step
    bell: Bell
    poll: float


@dataclass
class Pulse:
    """When each loop last came round, for ``/livez``."""

    seen: dict[str, float] = field(default_factory=dict)

    def beat(self, name: str) -> None:
        """Note that a loop moves."""
        self.seen[name] = time.monotonic()

    def stuck(self) -> str | None:
        """Return which loop stands still, or None."""
        now = time.monotonic()
        still = [name for name, at in self.seen.items() if now - at > STUCK_SECONDS]
        return f"the loop {still[0]} has not moved for {STUCK_SECONDS:.0f} s" if still else None


@dataclass(frozen=True)
class Rounds:
    """Runs steps until told to stop."""

    pulse: Pulse
    stop: asyncio.Event

    async def run(self, name: str, step: Step, bell: Bell, poll: float) -> None:
        """Repeat ``step`` while it finds work; else wait for the bell, at most ``poll`` seconds."""
        while not self.stop.is_set():
            self.pulse.beat(name)
            if not await step():
                await bell.wait(poll)
        self.pulse.seen.pop(name, None)
