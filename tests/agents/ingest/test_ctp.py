"""Listening to a counter: log in, resume, take, outlast an absent database, begin again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from services.ingest.agent import ctp
from services.ingest.agent.ctp import Listening
from services.ingest.agent.ctp_taking import SEQUENCED, Taking
from services.ingest.agent.guarding import OpenGate
from services.ingest.agent.live import release
from services.ingest.domain.books import StoresAway
from services.ingest.domain.ctp.records import (
    Broken,
    Connected,
    Disconnected,
    Heard,
    LoggedIn,
    Stream,
)
from services.ingest.domain.refusal_limit import Stop
from services.ingest.domain.rehearsal import Rehearsal
from shared.clock import DrivenClock
from shared.observability.metrics import CTP_MISSING, CTP_RECORDS, EVENT_LAG
from tests.kit.ctp import AT, DAY, DESK, Basket, FakeGateway, arrival
from tests.kit.ingest import FakeBooks

DEPOSITS = "ctp-risk:deposit"


class Counter:
    """A listener over dicts, told what to hear."""

    def __init__(self, books: FakeBooks | None = None) -> None:
        self.books = books or FakeBooks()
        self.gateway = FakeGateway()
        self.basket = Basket()
        self.stored = 0
        self.clock = DrivenClock(AT)
        self.listening = Listening(
            self.gateway,
            self.basket,
            Taking(DESK, self.books.open, clock=self.clock),
            asyncio.Event(),
            self._count,
        )
        self.task = asyncio.create_task(self.listening.run())

    def _count(self) -> None:
        self.stored += 1

    async def hear(self, *heard: Heard) -> None:
        """Let it hear these and wait until it has dealt with them."""
        for one in heard:
            self.basket.put(one)
        await self.idle()

    async def idle(self) -> None:
        self.basket.empty.clear()
        wait = asyncio.create_task(self.basket.empty.wait())
        await asyncio.wait([wait, self.task], return_when=asyncio.FIRST_COMPLETED)
        wait.cancel()
        if self.task.done():
            self.task.result()

    async def stop(self) -> None:
        self.listening.stopping.set()
        await self.task

    def told(self, type_: str | None = None) -> list[Any]:
        return self.books.now.told(type_)


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    made = Counter()
    yield made
    if not made.task.done():
        await made.stop()


def deposits(numbers: Sequence[int]) -> list[Heard]:
    return [arrival(Stream.DEPOSIT, n, SequenceNo=f"{n:012}") for n in numbers]


def became(stream: str, what: str) -> float:
    found: float = CTP_RECORDS.labels(stream, what)._value.get()
    return found


async def test_connected_it_logs_in_and_asks_for_every_stream_from_its_beginning(
    counter: Counter,
) -> None:
    await counter.hear(Connected())
    assert counter.gateway.logins == 1
    await counter.hear(LoggedIn(DAY))
    assert counter.gateway.subscribed == [(stream, 0) for stream in SEQUENCED]


async def test_records_are_told_with_how_far_they_were_taken_and_heard(counter: Counter) -> None:
    await counter.hear(LoggedIn(DAY), *deposits([1, 2, 3]))
    assert [event["id"] for event in counter.told()] == [f"2026-06-01/{n}" for n in (1, 2, 3)]
    (progress,) = counter.books.now.places.values()
    assert (progress.last, progress.gaps) == (3, ())
    assert set(counter.books.now.heard) == {"stream", DEPOSITS}
    assert counter.stored == 1


async def test_each_stream_tells_how_late_it_is(counter: Counter) -> None:
    counter.clock.advance(AT + timedelta(seconds=40))
    before = EVENT_LAG.labels(DEPOSITS)._sum.get()
    await counter.hear(LoggedIn(DAY), *deposits([1, 2, 3]))
    assert EVENT_LAG.labels(DEPOSITS)._sum.get() - before == 40
    await counter.hear(*deposits([2, 3]))  # known: no news, and not late
    assert EVENT_LAG.labels(DEPOSITS)._sum.get() - before == 40


async def test_what_it_sends_on_a_day_of_rehearsal_is_one(counter: Counter) -> None:
    counter.listening.taking.rehearsal = Rehearsal(days=frozenset({AT.date()}))
    await counter.hear(LoggedIn(DAY), *deposits([1]))
    counter.listening.taking.rehearsal = Rehearsal(days=frozenset({date(2026, 6, 6)}))
    await counter.hear(*deposits([2]))
    assert [event["data"].get("rehearsal", False) for event in counter.told()] == [True, False]


class Gate(OpenGate):
    """A guard that has stopped every source, until ``let_on``; it keeps what it was told."""

    def __init__(self) -> None:
        self.let_on, self.noted = asyncio.Event(), list[tuple[str, int, int]]()

    def stopped(self, source: str) -> Stop | None:
        return None if self.let_on.is_set() else Stop(source, AT, AT, 1, 1)

    async def note(self, source: str, seen: int, refused: int) -> None:
        self.noted.append((source, seen, refused))


async def test_a_stopped_counter_is_not_taken_from_and_nothing_is_lost(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctp, "STOPPED_SECONDS", 0.01)
    gate = counter.listening.guard = Gate()
    for one in [LoggedIn(DAY), *deposits([1, 2, 3])]:
        counter.basket.put(one)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(counter.idle(), 0.1)
    assert counter.told() == []
    gate.let_on.set()
    await counter.idle()
    assert len(counter.told()) == 3
    assert gate.noted == [("ctp-risk", 3, 0)]


async def test_after_a_kill_it_asks_behind_what_is_durable(counter: Counter) -> None:
    await counter.hear(LoggedIn(DAY), *deposits([1, 2, 3]))
    counter.task.cancel()
    again = Counter(counter.books)
    await again.hear(LoggedIn(DAY), *deposits([3, 4]))
    assert dict(again.gateway.subscribed)[Stream.DEPOSIT] == 3
    assert [event["data"]["serial"][-1] for event in again.told()] == ["1", "2", "3", "4"]
    await again.stop()


async def test_a_transaction_that_fails_is_tried_again_whole(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctp, "AWAY_SECONDS", 0.001)
    await counter.hear(LoggedIn(DAY))
    counter.books.fail = StoresAway("gone")
    for one in [*deposits([1, 2]), arrival(Stream.ACCOUNT), arrival(Stream.POSITION)]:
        counter.basket.put(one)
    await asyncio.sleep(0.02)
    assert counter.told() == []
    assert counter.books.now.places == {}
    counter.books.fail = None
    await counter.idle()
    kinds = [event["type"] for event in counter.told()]
    assert kinds == ["funds.deposited"] * 2 + ["account.snapshotted", "position.snapshotted"]


async def test_repeats_are_dropped_and_a_late_one_fills_its_gap(counter: Counter) -> None:
    missing = CTP_MISSING.labels(DEPOSITS)._value.get()
    duplicates, late = became(DEPOSITS, "duplicate"), became(DEPOSITS, "late")
    await counter.hear(LoggedIn(DAY), *deposits([1, 2, 5, 2, 5, 4, 4]))
    assert [event["id"][-1] for event in counter.told()] == ["1", "2", "5", "4"]
    assert CTP_MISSING.labels(DEPOSITS)._value.get() == missing + 2
    assert became(DEPOSITS, "duplicate") == duplicates + 3
    assert became(DEPOSITS, "late") == late + 1
    await counter.hear(Disconnected(), Connected(), LoggedIn(DAY))
    assert counter.gateway.subscribed[-len(SEQUENCED)] == (Stream.DEPOSIT, 2)


async def test_a_new_trading_day_begins_a_new_sequence(counter: Counter) -> None:
    await counter.hear(LoggedIn(DAY), *deposits([1, 2]))
    tomorrow = [
        arrival(Stream.DEPOSIT, n, TradingDay="20260602", SequenceNo=f"b{n}") for n in (1, 2)
    ]
    await counter.hear(LoggedIn("20260602"), *tomorrow)
    assert counter.gateway.subscribed[-len(SEQUENCED) :] == [(stream, 0) for stream in SEQUENCED]
    assert [event["id"] for event in counter.told()] == [
        "2026-06-01/1",
        "2026-06-01/2",
        "2026-06-02/1",
        "2026-06-02/2",
    ]


async def test_a_bad_record_is_buried_and_the_good_ones_are_kept(counter: Counter) -> None:
    bad = arrival(Stream.DEPOSIT, 2, Amount=0.00051)
    await counter.hear(LoggedIn(DAY), *deposits([1]), bad, *deposits([3]))
    assert len(counter.told()) == 2
    (letter,) = counter.books.now.letters()
    assert letter.headers is not None
    assert letter.headers["number"] == "20260601/2"
    assert letter.headers["reason"] == "Amount: finer than 0.001 yuan"
    (progress,) = counter.books.now.places.values()
    assert progress.last == 3


async def test_a_movement_that_a_file_told_before_is_told_once(counter: Counter) -> None:
    from tests.kit.ingest import fundchg  # noqa: PLC0415
    from tests.kit.ingest_broker import FUNDS, Broker  # noqa: PLC0415

    await Broker(counter.books.open).drop(FUNDS, fundchg("80012345", "5000000.1"))
    await counter.hear(LoggedIn(DAY), *deposits([1]))
    assert [event["source"] for event in counter.told()] == ["guanchao/fundchg"]


async def test_states_are_conflated_and_their_last_word_is_told(counter: Counter) -> None:
    at = [AT + timedelta(seconds=n) for n in range(3)]
    states = [arrival(Stream.ACCOUNT, at=at[n], Balance=900000.0 + n) for n in range(3)]
    await counter.hear(LoggedIn(DAY), *states)
    assert [event["data"]["equity"] for event in counter.told()] == ["900000"]
    async with counter.books.open() as books:
        await release(books, AT + timedelta(seconds=61))
    assert [event["data"]["equity"] for event in counter.told()] == ["900000", "900002"]


async def test_after_a_kill_a_holding_is_whole_again_and_told_once(counter: Counter) -> None:
    earlier = {"PositionDate": "2", "Position": 4, "TodayPosition": 0}
    later = AT + timedelta(seconds=1)
    parts = [arrival(Stream.POSITION, 1), arrival(Stream.POSITION, 2, later, **earlier)]
    await counter.hear(LoggedIn(DAY), *parts)
    counter.task.cancel()
    again = Counter(counter.books)
    now = AT + timedelta(seconds=5)
    await again.hear(LoggedIn(DAY))
    assert dict(again.gateway.subscribed)[Stream.POSITION] == 0
    fewer = arrival(Stream.POSITION, 3, at=now, Position=1, TodayPosition=1)
    await again.hear(*parts, fewer)
    lots = [event["data"]["holding"]["lots"] for event in again.told("position.snapshotted")]
    assert lots == [3, 7, 5]
    await again.stop()


async def test_a_refused_login_is_not_tried_again(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctp, "NOT_YET_SECONDS", 0.001)
    await counter.hear(Connected(), LoggedIn("", 3))
    await asyncio.sleep(0.02)
    await counter.idle()
    assert counter.gateway.logins == 1
    assert counter.gateway.subscribed == []


async def test_a_front_that_is_not_ready_yet_is_asked_again(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctp, "NOT_YET_SECONDS", 0.001)
    await counter.hear(Connected(), LoggedIn("", 7))
    await asyncio.sleep(0.02)
    await counter.idle()
    assert counter.gateway.logins == 2


async def test_what_a_callback_fails_with_ends_the_part(counter: Counter) -> None:
    with pytest.raises(ZeroDivisionError):
        await counter.hear(Broken(ZeroDivisionError()))
    assert counter.gateway.closed
    assert counter.basket.closed


async def test_a_login_on_no_trading_day_subscribes_to_nothing(counter: Counter) -> None:
    await counter.hear(LoggedIn("20260606"))
    assert counter.gateway.subscribed == []
