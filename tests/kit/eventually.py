"""Wait for the thing itself, never for a time."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


async def eventually(
    ask: Callable[[], Awaitable[T | None]], within: float = 30.0, every: float = 0.05
) -> T:
    """Ask until the answer is true-ish; after ``within`` seconds fail and show the last answer."""
    deadline = monotonic() + within
    while True:
        answer = await ask()
        if answer:
            return answer
        if monotonic() > deadline:
            raise AssertionError(f"not within {within} s; last answer: {answer!r}")
        await asyncio.sleep(every)
