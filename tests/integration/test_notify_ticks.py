"""What a moment's news tells bears that moment: nothing is taken by an older time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from deploy.embedded.stack import Stores
from services.notify.adapters.reader import Read, Reader, Subject
from services.notify.adapters.ticks import Ticks
from shared.clock import DrivenClock
from shared.contracts.alerts import ALERTS
from shared.contracts.topics import ALERT
from shared.settings import KafkaSettings
from shared.streams.publish import Record
from tests.kit.alerts import MORNING, NIGHT, raised
from tests.kit.notify_process import ticks
from tests.kit.topic import record, send

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


async def no_letter(letter: Record) -> None:
    raise AssertionError(letter)


async def test_news_waits_until_the_clock_has_read_every_tick_that_is_there(
    own_stores: Stores,
) -> None:
    kafka, clock = KafkaSettings(brokers=own_stores.kafka), DrivenClock(NIGHT)
    taken_at: list[datetime] = []

    async def take(news: Sequence[Read]) -> None:
        taken_at.extend(clock.now() for _ in news)

    reader = Reader(kafka, {ALERT.name: Subject(ALERTS, take, False, 1)}, no_letter)
    asked, let_go = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def between() -> AsyncIterator[None]:
        await let_go.wait()
        yield

    driving = Ticks(kafka, clock, ring=lambda: None, between=between)

    async def abreast() -> None:
        asked.set()
        await driving.abreast()

    reader.abreast = abreast
    await driving.start()
    await reader.start()
    try:
        await send(own_stores.kafka, [*ticks(MORNING), record(ALERT.name, raised(account="1"))])
        reading = asyncio.create_task(_until(reader, taken_at))
        await asyncio.wait_for(asked.wait(), timeout=30)
        turning = asyncio.create_task(_turn(driving, reading))
        await asyncio.sleep(0.5)
        assert not taken_at, "the tick was read, but what is on its way holds the clock back"
        let_go.set()
        await reading
        await turning
    finally:
        await reader.stop()
        await driving.stop()
    assert taken_at == [MORNING]


async def _turn(driving: Ticks, reading: asyncio.Task[None]) -> None:
    while not reading.done():
        await driving.read()


async def _until(reader: Reader, taken: Sequence[object]) -> None:
    while not taken:
        await reader.read()
