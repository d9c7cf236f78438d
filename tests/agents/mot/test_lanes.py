"""Lanes: order within a partition, nobody waits for another one's Kafka."""

import asyncio
from collections.abc import Awaitable, Callable

from aiokafka.errors import OutOfOrderSequenceNumber

from services.mot.lanes import DEPTH, Lanes
from services.mot.partition import Fetched
from tests.kit.eventually import eventually


def batch(partition: int, first: int) -> Fetched:
    return Fetched(partition, first, first, [])


class Bench:
    """Counts what was applied; partition 0 hangs until it is let go."""

    def __init__(self) -> None:
        self.done: list[tuple[int, int]] = []
        self.errors: list[Exception] = []
        self.stalled = asyncio.Event()
        self.lanes = Lanes(self.apply, self.errors.append)

    async def apply(self, came: Fetched) -> None:
        if came.partition == 0:
            await self.stalled.wait()
        await asyncio.sleep(0)
        self.done.append((came.partition, came.first))

    def has(self, *wanted: tuple[int, int]) -> Callable[[], Awaitable[bool]]:
        async def ask() -> bool:
            return self.done == list(wanted)

        return ask


async def test_a_partition_whose_produce_hangs_holds_up_no_other() -> None:
    bench = Bench()
    for first in range(2):
        bench.lanes.put(batch(0, first))
        bench.lanes.put(batch(1, first))
    await eventually(bench.has((1, 0), (1, 1)), within=5)
    bench.stalled.set()
    await eventually(bench.has((1, 0), (1, 1), (0, 0), (0, 1)), within=5)


async def test_a_partition_that_is_behind_is_fetched_no_further() -> None:
    bench = Bench()
    bench.lanes.put(batch(0, 0))
    await asyncio.sleep(0)  # the first one is at work, the others wait
    for first in range(1, DEPTH + 1):
        assert bench.lanes.room(0)
        bench.lanes.put(batch(0, first))
    assert (bench.lanes.room(0), bench.lanes.room(1)) == (False, True)


async def test_closing_finishes_what_is_at_work_and_drops_the_rest() -> None:
    bench = Bench()
    for first in range(3):
        bench.lanes.put(batch(0, first))
    await asyncio.sleep(0)
    closing = asyncio.create_task(bench.lanes.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    bench.stalled.set()
    await closing
    bench.lanes.put(batch(1, 0))  # of the assignment that is over
    await asyncio.sleep(0.01)
    assert bench.done == [(0, 0)]
    bench.lanes.open()
    bench.lanes.put(batch(1, 7))
    await eventually(bench.has((0, 0), (1, 7)), within=5)


async def test_an_error_ends_the_process_and_not_the_batch() -> None:
    bench = Bench()

    async def refuse(_: Fetched) -> None:
        raise OutOfOrderSequenceNumber

    lanes = Lanes(refuse, bench.errors.append)
    lanes.put(batch(1, 0))
    lanes.put(batch(1, 1))

    async def failed() -> bool:
        return bool(bench.errors)

    await eventually(failed, within=5)
    await asyncio.sleep(0.01)
    assert [type(error) for error in bench.errors] == [OutOfOrderSequenceNumber]
