"""Files and pulls say when they were last there, and how late; they are no live sources."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from services.ingest.agent.ticking import Ticking
from shared.kernel.trading_day import china
from tests.agents.ingest.test_pulling import Site, moved
from tests.kit.ingest import BROKER, FakeBooks, cusfund, file, fundchg, withdrew
from tests.kit.ingest_broker import FUNDS, NOW, SETTLED, Broker


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def books() -> FakeBooks:
    return FakeBooks()


async def test_a_files_kind_was_there_and_so_late_after_its_day(books: FakeBooks) -> None:
    broker = Broker(books.open)
    await broker.drop(FUNDS, fundchg("1", "-5"))
    assert books.now.arrived.keys() == {"file:fundchg"}
    # 15:15 of the file's day until 09:00 of the next
    assert sample("ingest_file_lag_seconds", kind="fundchg") == 17.75 * 3600
    broker.clock.advance(NOW + timedelta(hours=1))
    await broker.drop(FUNDS, fundchg("1", "-6"))
    assert sample("ingest_file_lag_seconds", kind="fundchg") == 18.75 * 3600


async def test_history_and_a_refused_file_were_not_there(books: FakeBooks) -> None:
    intake = Broker(books.open).intake
    await replace(intake, history=True).take(FUNDS, file(fundchg("1", "-5")))
    await intake.take(SETTLED, file("no such row"))
    assert books.now.arrived == {}


async def test_a_pull_was_there_when_it_had_rows_and_its_watermark_says_how_late(
    tmp_path: Path,
) -> None:
    labels = {"source": "pull:flow"}
    count, total = (f"ingest_event_lag_seconds_{part}" for part in ("count", "sum"))
    before = sample(count, **labels), sample(total, **labels)
    site = Site(tmp_path)
    pulling = site.pulling()
    await pulling.round()
    assert site.books.now.arrived == {}
    site.add(moved(1))
    await pulling.round()
    assert site.books.now.arrived.keys() == {"pull:flow"}
    assert sample(count, **labels) == before[0]  # by a number nobody knows when it was written
    pulling._lag([{"n": NOW - timedelta(seconds=90)}, {"n": NOW - timedelta(seconds=30)}])
    assert (sample(count, **labels), sample(total, **labels)) == (before[0] + 1, before[1] + 90)


async def test_the_minute_tells_the_silence_of_live_sources_alone(
    books: FakeBooks, tmp_path: Path
) -> None:
    broker = Broker(books.open)
    await broker.post(withdrew("1"))
    await broker.drop(FUNDS, fundchg("80000001", "-1"))
    await broker.drop(SETTLED, cusfund("80000001", "3"))
    site = Site(tmp_path)
    site.books, site.broker = books, broker
    site.add(moved(1))
    await site.pulling().round()
    await Ticking(BROKER, china(), books.open).tick(NOW)
    (tick,) = books.now.told("clock.ticked")
    assert list(tick["data"]["heard"]) == ["stream"]
