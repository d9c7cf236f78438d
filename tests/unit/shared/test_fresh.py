"""What is asked on every request is read seldom, by one, and outlives a short absence."""

import asyncio

import pytest

from shared.web.fresh import Fresh


class Source:
    def __init__(self) -> None:
        self.read_times, self.now, self.away = 0, 0.0, False

    async def read(self) -> int:
        await asyncio.sleep(0)
        self.read_times += 1
        if self.away:
            raise OSError("away")
        return self.read_times


def fresh(source: Source, stale: float = 0) -> Fresh[int]:
    return Fresh(source.read, 10, stale, lambda: source.now)


async def test_many_who_ask_at_once_cause_one_reading() -> None:
    source = Source()
    held = fresh(source)
    assert await asyncio.gather(*(held.get() for _ in range(20))) == [1] * 20


async def test_it_is_read_again_when_it_is_old() -> None:
    source = Source()
    held = fresh(source)
    seen = []
    for source.now in (0.0, 9.9, 10.0, 19.9, 20.0):
        seen.append(await held.get())
    assert seen == [1, 1, 2, 2, 3]


async def test_a_short_absence_is_outlived_and_a_long_one_said() -> None:
    source = Source()
    held = fresh(source, stale=25)
    assert await held.get() == 1
    source.away = True
    for source.now in (10.0, 20.0, 34.0):
        assert await held.get() == 1
    assert source.read_times == 4
    source.now = 36.0
    with pytest.raises(OSError, match="away"):
        await held.get()


async def test_with_nothing_at_all_it_tries_again_soon_but_not_for_everybody() -> None:
    source = Source()
    source.away = True
    held = fresh(source)
    for _ in range(5):
        with pytest.raises(OSError, match="away"):
            await held.get()
    assert source.read_times == 1
    source.away, source.now = False, 2.0
    assert await held.get() == 2
