"""Small parts of the relay and the clock that need no store."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.ingest.adapters import relay as relaying
from services.ingest.adapters.lanes import lanes
from services.ingest.adapters.posted_clock import PostedClock
from services.ingest.adapters.relay import Relay
from services.ingest.adapters.wire import sequenced
from services.ingest.agent.ticking import Ticking
from shared.clock import DrivenClock
from shared.contracts.event import Event
from shared.kernel.trading_day import china
from shared.settings import KafkaSettings, PostgresSettings
from tests.kit.ingest import BROKER, FakeBooks

NIGHT = datetime(2026, 5, 29, 13, 5, tzinfo=UTC)  # Friday 21:05 in China


@given(st.text(min_size=1, max_size=30), st.text(max_size=30), st.integers(1, 10**15))
def test_a_sequence_is_put_where_the_contract_has_it(id_: str, text: str, sequence: int) -> None:
    event = Event(
        id=id_ + '"data":', source='"data":{', type="t", subject="s", time=NIGHT, data={"x": text}
    )
    wanted = event.model_copy(update={"sequence": f"{sequence:020d}"}).encode()
    assert sequenced(event.encode(), sequence) == wanted
    assert msgspec.json.decode(wanted)["sequence"] == f"{sequence:020d}"


@given(st.integers(1, 12))
def test_lanes_hold_every_partition_once(count: int) -> None:
    held = [p for lane in lanes(count, 12) for p in range(lane.first, lane.last + 1)]
    assert held == list(range(12))


async def test_a_minute_is_told_once_whoever_tells_it() -> None:
    books = FakeBooks()
    replicas = [Ticking(BROKER, china(), books.open) for _ in range(2)]
    for replica in replicas:
        await replica.tick(NIGHT)
    [tick] = books.now.told("clock.ticked")
    assert (tick["id"], tick["data"]["trading_day"]) == ("2026-05-29T21:05", "2026-06-01")
    assert tick["source"] == "guanchao/clock"


async def test_a_minute_says_when_each_source_was_heard_by_any_replica() -> None:
    books = FakeBooks()
    books.now.heard = {"stream": NIGHT - timedelta(seconds=20)}
    await Ticking(BROKER, china(), books.open).tick(NIGHT)
    [tick] = books.now.told("clock.ticked")
    assert tick["data"]["heard"] == {"stream": "2026-05-29T21:04:40+08:00"}


def test_a_posted_clock_shows_the_newest_minute() -> None:
    clock = PostedClock(DrivenClock(NIGHT))
    assert clock.now() == NIGHT
    earlier, later = NIGHT.replace(day=20), NIGHT.replace(day=21)
    for at in (later, earlier):
        clock.advance(at)
    assert clock.now() == later


async def test_a_failing_relay_does_not_spin_however_often_it_is_woken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries = 0

    async def away(_: Relay) -> None:
        nonlocal tries
        tries += 1
        raise ConnectionError

    monkeypatch.setattr(Relay, "_hold_lane", away)
    monkeypatch.setattr(relaying, "RETRY_SECONDS", 0.1)
    nowhere = PostgresSettings(dsn=SecretStr("postgresql+asyncpg://nowhere"))
    relay = Relay(nowhere, KafkaSettings(brokers="nowhere"), lanes(1, 12)[0])
    began = monotonic()
    task = asyncio.create_task(relay.run())
    for _ in range(20):
        relay.wake.set()
        await asyncio.sleep(0.01)
    assert 1 <= tries <= 2 + (monotonic() - began) / relaying.RETRY_SECONDS
    relay.stop()
    await asyncio.wait_for(task, 1)
