"""交接 — from the library's thread to the loop, in order, with room for so many.

When there is no room the callback waits: the library then reads no further, and the front keeps
what it has. That is the back-pressure; nothing is dropped here.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable

from services.ingest.domain.ctp.records import Heard

LOOK_SECONDS = 0.2  # how soon a waiting callback sees that nobody takes any more


class Handover:
    """Made on the loop that takes; ``put`` is for any other thread.

    While ``too_much_waits`` (for Kafka), nothing is given out.
    """

    def __init__(self, room: int, too_much_waits: Callable[[], bool] = lambda: False) -> None:
        self._too_much_waits = too_much_waits
        self._loop = asyncio.get_running_loop()
        self._room = threading.Semaphore(room)
        self._items: deque[Heard] = deque()
        self._some = asyncio.Event()
        self._closed = threading.Event()

    def put(self, item: Heard) -> None:
        """Hand an item over; wait for room. After ``close`` it goes nowhere."""
        while not self._room.acquire(timeout=LOOK_SECONDS):
            if self._closed.is_set():
                return
        if self._closed.is_set():
            return
        self._items.append(item)
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            self._loop.call_soon_threadsafe(self._some.set)

    async def take(self, most: int, seconds: float) -> list[Heard]:
        """Return what has come, at most so many; after so many seconds of nothing, nothing."""
        if self._too_much_waits():
            await asyncio.sleep(seconds)
            return []
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._some.wait(), seconds)
        taken: list[Heard] = []
        while self._items and len(taken) < most:
            taken.append(self._items.popleft())
            self._room.release()
        if not self._items:
            self._some.clear()
            if self._items:  # it came between the look and the clearing
                self._some.set()
        return taken

    def close(self) -> None:
        """Let every waiting callback go."""
        self._closed.set()
