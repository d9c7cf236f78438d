import asyncio

from services.notify.adapters.chores import Chore


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_chore_is_done_when_due_and_never_twice_at_once() -> None:
    clock, begun, go_on = Clock(), [], asyncio.Event()

    async def do() -> None:
        begun.append(clock.now)
        await go_on.wait()

    chore = Chore("c", 60, do, clock)
    for _ in range(3):
        assert await chore.step() is False
        await asyncio.sleep(0)
    clock.now += 61
    await chore.step()
    await asyncio.sleep(0)
    assert begun == [100.0]
    go_on.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await chore.step()
    await asyncio.sleep(0)
    assert begun == [100.0, 161.0]
    await chore.stop()


async def test_a_chore_that_fails_is_done_again_and_one_that_hangs_is_broken_off() -> None:
    clock, begun = Clock(), []

    async def do() -> None:
        begun.append(clock.now)
        if len(begun) == 1:
            raise OSError
        await asyncio.Event().wait()

    chore = Chore("c", 60, do, clock)
    await chore.step()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.now += 60
    await chore.step()
    await asyncio.sleep(0)
    await asyncio.wait_for(chore.stop(), 1)
    assert begun == [100.0, 160.0]
