"""Many of a thing done at once: in order, all of them, and failing together."""

import asyncio
from collections.abc import Sequence

import pytest

from services.notify.adapters.together import Together


async def test_what_comes_while_a_round_runs_is_in_the_next_one() -> None:
    rounds: list[list[int]] = []
    first = asyncio.Event()

    async def do(some: Sequence[int]) -> None:
        rounds.append(list(some))
        await first.wait()

    together = Together(do)
    tasks = [asyncio.create_task(together(1))]
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(together(n)) for n in (2, 3, 4)]
    await asyncio.sleep(0)
    assert rounds == [[1]]
    first.set()
    await asyncio.gather(*tasks)
    assert rounds == [[1], [2, 3, 4]]


async def test_no_round_is_larger_than_it_may_be() -> None:
    sizes: list[int] = []

    async def do(some: Sequence[int]) -> None:
        sizes.append(len(some))
        await asyncio.sleep(0)

    together = Together(do, most=3)
    await asyncio.gather(*(together(n) for n in range(10)))
    assert sum(sizes) == 10
    assert max(sizes) == 3


async def test_when_a_round_fails_so_do_all_in_it_and_the_next_goes_on() -> None:
    async def do(some: Sequence[int]) -> None:
        await asyncio.sleep(0)
        if 2 in some:
            raise ValueError("two")

    together = Together(do)
    ends = await asyncio.gather(*(together(n) for n in (1, 2, 3)), return_exceptions=True)
    assert ends[0] is None
    assert [type(end) for end in ends[1:]] == [ValueError, ValueError]
    await together(4)


async def test_a_caller_that_leaves_takes_nobody_along() -> None:
    gate, done = asyncio.Event(), list[int]()

    async def do(some: Sequence[int]) -> None:
        await gate.wait()
        done.extend(some)

    together = Together(do)
    one = asyncio.create_task(together(1))
    await asyncio.sleep(0)
    two, three = (asyncio.create_task(together(n)) for n in (2, 3))
    await asyncio.sleep(0)
    two.cancel()
    gate.set()
    await asyncio.gather(one, three)
    with pytest.raises(asyncio.CancelledError):
        await two
    assert {1, 3} <= set(done)
