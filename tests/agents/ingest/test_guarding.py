"""守门: a source of which too much is refused is stopped, until let on or long enough."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.ingest.agent.guarding import Guard
from services.ingest.agent.taking import Fate
from services.ingest.domain.refusal_limit import RefusalLimit
from shared.clock import DrivenClock
from shared.kernel.trading_day import CHINA
from tests.kit.guard import Stops
from tests.kit.ingest import FakeBooks, file, fundchg, withdrew
from tests.kit.ingest_broker import FUNDS, Broker
from tests.kit.office import Office

LIMIT = RefusalLimit(refused=10, share=0.5, minutes=5, file_rows=3, file_share=0.5)
AT = datetime(2026, 6, 1, 10, 0, tzinfo=CHINA)


class Site(Stops):
    """The table that the replicas share, and their clock."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = DrivenClock(AT)

    def guard(self) -> Guard:
        return Guard(LIMIT, self.clock, self.open)

    def later(self, minutes: int) -> None:
        self.clock.advance(self.clock.now() + timedelta(minutes=minutes))


def gauge(source: str) -> float | None:
    return REGISTRY.get_sample_value("ingest_source_stopped", {"source": source})


async def test_a_good_source_and_a_bad_record_are_taken() -> None:
    guard = Site().guard()
    for _ in range(100):
        await guard.note("a", 10, 0)
    await guard.note("a", 1, 1)
    assert guard.stopped("a") is None


async def test_too_many_refused_stop_the_source_and_no_other() -> None:
    site = Site()
    guard = site.guard()
    with capture_logs() as logs:
        for _ in range(30):
            await guard.note("b", 1, 1)
    stop = guard.stopped("b")
    assert stop is not None
    assert (guard.seconds_left(stop), gauge("b")) == (300, 1)
    assert guard.stopped("a") is None
    assert [log["event"] for log in logs] == ["source stopped"]
    assert "guanchao dead-letters resume b" in logs[0]["remedy"]


async def test_another_replica_and_a_restart_know_it() -> None:
    site = Site()
    await site.guard().note("c", 11, 11)
    other = site.guard()
    await other.refresh()
    assert other.stopped("c") is not None


async def test_after_its_time_it_is_taken_and_counted_anew() -> None:
    site = Site()
    guard = site.guard()
    await guard.note("d", 11, 11)
    site.later(5)
    assert guard.stopped("d") is None
    await guard.refresh()
    assert gauge("d") == 0
    await guard.note("d", 1, 1)
    assert guard.stopped("d") is None
    await guard.note("d", 11, 11)
    assert guard.stopped("d") is not None


async def test_an_operator_lets_it_on() -> None:
    site = Site()
    guard = site.guard()
    await guard.note("e", 11, 11)
    await site.clear("e")
    await guard.refresh()
    assert guard.stopped("e") is None
    await guard.note("e", 5, 5)
    assert guard.stopped("e") is None


@pytest.mark.parametrize("body", [[withdrew("x")] * 11, b"[{,"])
async def test_a_stopped_source_hears_429_and_when_to_come_back(body: object) -> None:
    office, site = Office(guard=Site().guard()), 0
    while (answer := await office.post(body)).status_code != 429:
        site += 1
        assert site < 15
    assert answer.json()["detail"].startswith("too many refused: 11 of 11")
    assert int(answer.headers["Retry-After"]) == 300
    buried = len(office.books.now.facts)
    await office.post([withdrew("1")])
    assert len(office.books.now.facts) == buried


async def test_a_file_of_mostly_bad_rows_is_refused_whole() -> None:
    books = FakeBooks()
    broker = Broker(books.open)
    intake = replace(broker.intake, refusals=LIMIT)
    bad = [fundchg("1", f"x{n}") for n in range(6)]
    outcome = await intake.take(FUNDS, file(fundchg("1", "-5"), *bad))
    assert (outcome.fate, outcome.reason.startswith("6 of 7 rows are bad; line 2")) == (
        Fate.REFUSED,
        True,
    )
    assert not books.now.told()
    assert len(books.now.letters()) == 3 + 1  # the first rows, and the file itself
    few = await intake.take(FUNDS, file(fundchg("1", "-5"), *bad[:3]))
    assert few.fate is Fate.TAKEN
