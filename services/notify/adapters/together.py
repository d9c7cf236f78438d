"""合并提交 — many of a thing done at once: what comes while a round runs is in the next round."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Together(Generic[T]):
    """Hands over up to ``most`` of what was asked for; each caller returns when its own is done.

    When a round fails, so do all who are in it.
    """

    do: Callable[[Sequence[T]], Awaitable[None]]
    most: int = 200
    _waiting: list[tuple[T, asyncio.Future[None]]] = field(default_factory=list, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def __call__(self, one: T) -> None:
        """Return when ``one`` is done."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, done))
        async with self._turn:  # whoever is first takes the others along
            if not done.done():
                await self._round()
        await done

    async def _round(self) -> None:
        mine, self._waiting = self._waiting[: self.most], self._waiting[self.most :]
        try:
            await self.do([one for one, _ in mine])
        except BaseException as error:
            for _, done in mine:
                if not done.done():
                    done.set_exception(error)
                    done.exception()  # seen: not every one of them is still waited for
            raise
        for _, done in mine:
            if not done.done():
                done.set_result(None)
