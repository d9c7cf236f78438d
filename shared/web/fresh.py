"""What is read from elsewhere and asked on every request: kept for a few seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
AGAIN_SECONDS = 2  # who has nothing at all tries again no sooner


class Fresh(Generic[T]):
    """A value at most ``seconds`` old; many who ask at once cause one reading.

    When it cannot be read anew, the last one serves for ``stale_seconds`` more.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[T]],
        seconds: float,
        stale_seconds: float = 0,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._ticks = read, ticks
        self._seconds, self._stale = seconds, stale_seconds
        self._lock = asyncio.Lock()
        self._held: tuple[float, T] | None = None
        self._failed: Exception | None = None
        self._tried = float("-inf")

    async def get(self) -> T:
        """Return the value, read anew when it is older than it may be."""
        return await self.within(self._seconds)

    async def within(self, seconds: float) -> T:
        """Return the value no older than this; it is tried at most once in that time."""
        held = self._held
        if held and self._ticks() - held[0] < seconds:
            return held[1]
        async with self._lock:
            if self._ticks() - self._tried >= min(seconds, AGAIN_SECONDS if not held else seconds):
                await self._renew()
            return self._last()

    async def _renew(self) -> None:
        self._tried = self._ticks()
        try:
            self._held, self._failed = (self._tried, await self._read()), None
        except Exception as failure:  # told to everybody who asks before the next try
            self._failed = failure

    def _last(self) -> T:
        too_old = self._seconds + self._stale
        if self._held and (not self._failed or self._ticks() - self._held[0] <= too_old):
            return self._held[1]
        raise self._failed or RuntimeError("nothing was read")
