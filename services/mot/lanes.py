"""Each partition's batches one after another, in a task of its own: who waits holds up no other.

While one partition waits for Kafka or Valkey, the next one is folded: that is all the pipelining
there is, and within a partition nothing overtakes.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from services.mot.partition import Fetched

DEPTH = 2  # batches that wait behind the one at work; beyond it the partition is not fetched


class Lanes:
    """Runs ``apply`` on batches. ``failed`` is told of whatever it raises, and must end the process."""  # noqa: E501

    def __init__(
        self, apply: Callable[[Fetched], Awaitable[None]], failed: Callable[[Exception], None]
    ) -> None:
        self._apply, self._failed = apply, failed
        self._waiting: dict[int, deque[Fetched]] = {}
        self._at_work: dict[int, asyncio.Task[None]] = {}
        self._open = True

    def put(self, batch: Fetched) -> None:
        """Take a batch behind the partition's others; what comes while closed is dropped."""
        if not self._open:
            return
        number = batch.partition
        self._waiting.setdefault(number, deque()).append(batch)
        if number not in self._at_work:
            self._at_work[number] = asyncio.create_task(self._run(number), name=f"lane {number}")

    def room(self, partition: int) -> bool:
        """Say whether another batch of the partition may be fetched."""
        return len(self._waiting.get(partition, ())) < DEPTH

    def open(self) -> None:
        """Take batches, of a new assignment."""
        self._open = True

    async def close(self) -> None:
        """Drop what waits, and return when what is at work has its checkpoint."""
        self._open = False
        self._waiting.clear()
        while self._at_work:
            await asyncio.wait(self._at_work.values())

    async def _run(self, number: int) -> None:
        try:
            while waiting := self._waiting.get(number):
                await self._apply(waiting.popleft())
        except Exception as error:
            self._failed(error)
        finally:
            del self._at_work[number]
