"""Loops: they work while there is work, wake at a bell, stop when told, and show their pulse."""

import asyncio

from services.notify.adapters.rounds import Bell, Pulse, Rounds
from tests.kit.eventually import eventually


async def test_a_bell_wakes_the_loop_at_once() -> None:
    stop, bell, came = asyncio.Event(), Bell(), list[float]()
    loop = asyncio.get_running_loop()

    async def step() -> bool:
        came.append(loop.time())
        return False

    pulse = Pulse()
    task = asyncio.create_task(Rounds(pulse, stop).run("send", step, bell, 600))
    await eventually(_is(came, 1))
    bell.ring()
    await eventually(_is(came, 2), within=1)
    assert pulse.stuck() is None
    stop.set()
    bell.ring()
    await asyncio.wait_for(task, 1)


async def test_without_a_bell_it_looks_now_and_then() -> None:
    stop, came = asyncio.Event(), list[float]()

    async def step() -> bool:
        came.append(0)
        return False

    task = asyncio.create_task(Rounds(Pulse(), stop).run("send", step, Bell(), 0.01))
    await eventually(_is(came, 3), within=2)
    stop.set()
    await asyncio.wait_for(task, 1)


def test_a_loop_that_stands_still_is_named() -> None:
    pulse = Pulse()
    pulse.beat("read")
    assert pulse.stuck() is None
    pulse.seen["read"] -= 31
    assert "read" in (pulse.stuck() or "")


def _is(came: list[float], count: int):  # type: ignore[no-untyped-def]  # a closure for eventually
    async def ask() -> bool:
        return len(came) >= count

    return ask
