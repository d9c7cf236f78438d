"""杂务 — done now and then beside the loops, however long it takes, never twice at once.

Its failure is logged, and it is done again next time: no message waits for it.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from shared.observability.logging import logger

log = logger()


@dataclass
class Chore:
    """``do`` is begun every ``every`` seconds, the first time at once."""

    name: str
    every: float
    do: Callable[[], Awaitable[None]]
    monotonic: Callable[[], float] = time.monotonic
    _due: float = field(default=0.0, init=False)
    _task: "asyncio.Task[None] | None" = field(default=None, init=False)

    async def step(self) -> bool:
        """Begin it when it is due and not under way; return at once, and never ask for more."""
        under_way = self._task is not None and not self._task.done()
        if not under_way and self.monotonic() >= self._due:
            self._due = self.monotonic() + self.every
            self._task = asyncio.create_task(self._done(), name=f"chore {self.name}")
        return False

    async def stop(self) -> None:
        """Break it off."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _done(self) -> None:
        try:
            await self.do()
        except Exception as error:
            log.warning("a chore failed", chore=self.name, kind=type(error).__name__)
