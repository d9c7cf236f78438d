"""What a live source tells beside its facts: numbers, late records, snapshots; the day's report."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.ingest.agent.live import release
from services.ingest.agent.posting import Manner, Posting
from services.ingest.agent.reporting import draw_up
from services.ingest.domain.admission import Gate
from services.ingest.domain.reconciling import Kind
from services.ingest.domain.sequence import Track
from shared.kernel.trading_day import CHINA, china
from tests.kit import cfmmc
from tests.kit.ingest import (
    BROKER,
    DAY,
    FakeBooks,
    cusfund,
    executed,
    fundchg,
    posted,
    raw,
    withdrew,
)
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker

TEN = datetime(2026, 6, 1, 10, 0, tzinfo=CHINA)


@pytest.fixture
def books() -> FakeBooks:
    return FakeBooks()


@pytest.fixture
def broker(books: FakeBooks) -> Broker:
    return Broker(books.open)


@pytest.fixture
def conflating(books: FakeBooks) -> Posting:
    return Posting(Gate(BROKER, china(), ticks=True), books.open, Manner(conflate=True))


def shown(seconds: int, equity: str, **data: Any) -> dict[str, Any]:
    at = (TEN + timedelta(seconds=seconds)).isoformat()
    given = {"equity": equity, "available": equity, "at": at, **data}
    return posted("account.snapshotted", **{"id": f"snapshot/{at}", **given})


def numbered(number: int) -> dict[str, Any]:
    return {**withdrew("1", f"s-{number}"), "sequence": f"{number}"}


async def test_a_gap_is_seen_and_filled_by_the_late_record(
    broker: Broker, books: FakeBooks
) -> None:
    await broker.post(numbered(1), numbered(4))
    assert books.now.reconciled.tracks == {"ctp/risk": Track(1, 4, ((2, 3),), 1)}
    await broker.post(numbered(3), numbered(4), numbered(2))
    assert books.now.reconciled.tracks == {"ctp/risk": Track(1, 4, (), 1, 2)}


async def test_the_sources_number_is_not_told(broker: Broker, books: FakeBooks) -> None:
    await broker.post(numbered(7))
    assert "sequence" not in books.now.told()[0]


async def test_a_record_of_a_closed_day_is_taken_and_noted(
    broker: Broker, books: FakeBooks
) -> None:
    await broker.drop(FUNDS, fundchg("80000001", "-5"))
    await broker.drop(SETTLED, cusfund("80000001", "3"))
    await broker.post(withdrew("7"), withdrew("7"))
    await broker.post(withdrew("8", "h", backfill=True), withdrew("8", "r", rehearsal=True))
    assert [(one.account, one.id) for one in books.now.reconciled.late] == [
        ("80000001", "withdrawal/s-1")
    ]
    assert len(books.now.told("funds.withdrawn")) == 4


async def test_snapshots_are_conflated_and_the_last_word_comes_with_the_minute(
    conflating: Posting, books: FakeBooks
) -> None:
    for second in range(5):
        receipt = await conflating.accept([raw(shown(second, f"{1_000_000 + second}"))])
        assert (receipt.accepted, receipt.duplicates) == (1, 0)
    assert [event["data"]["equity"] for event in books.now.told()] == ["1000000"]
    async with books.open() as opened:
        assert await release(opened, TEN + timedelta(seconds=59)) == 0
        assert await release(opened, TEN + timedelta(seconds=60)) == 1
        assert await release(opened, TEN + timedelta(seconds=120)) == 0
    assert [event["data"]["equity"] for event in books.now.told()] == ["1000000", "1000004"]


async def test_nor_is_the_sources_number_of_a_snapshot_that_was_held(
    conflating: Posting, books: FakeBooks
) -> None:
    held = {**shown(1, "1000001"), "sequence": "8"}
    await conflating.accept([raw(shown(0, "1000000")), raw(held)])
    async with books.open() as opened:
        assert await release(opened, TEN + timedelta(seconds=60)) == 1
    assert "sequence" not in books.now.told()[-1]


async def test_a_posted_minute_lets_the_held_snapshots_go(
    conflating: Posting, books: FakeBooks
) -> None:
    tick = posted("clock.ticked", id="t", subject="clock", at="2026-06-01T10:01:00+08:00")
    del tick["data"]["account"]
    await conflating.accept([raw(shown(0, "5")), raw(shown(1, "5", margin="0")), raw(tick)])
    told = [event["id"] for event in books.now.told()]
    assert told == ["snapshot/2026-06-01T10:00:00+08:00", "t", "snapshot/2026-06-01T10:00:01+08:00"]


async def test_an_older_snapshot_is_not_told_and_not_new(broker: Broker, books: FakeBooks) -> None:
    await broker.post(shown(5, "5"))
    receipt = await broker.post(shown(4, "-5"), shown(5, "5"))
    assert (receipt.accepted, receipt.duplicates) == (0, 2)
    assert len(books.now.told()) == 1


async def test_a_days_report(broker: Broker, books: FakeBooks) -> None:
    await broker.post(
        {**withdrew("1", "both"), "sequence": "1"},
        {**withdrew("2", "stream"), "sequence": "3"},
        shown(0, "3.5", available="3"),
    )
    await broker.drop(FUNDS, fundchg("80000001", "-1"), fundchg("80000001", "4"))
    await broker.drop(SETTLED, cusfund("80000001", "3"))
    async with books.open() as opened:
        await draw_up(opened, DAY)
        found = await opened.reconciliation.of(DAY)
    assert [(d.kind, d.account, d.what, d.told, d.settled) for d in found] == [
        ("balance", "80000001", "equity", "3.5", "3"),
        ("gap", None, "ctp/risk", "2-2", None),
        ("matched", None, "movements", "1", "1"),
        ("only-in-file", "80000001", "deposit", None, "4"),
        ("only-in-stream", "80000001", "withdrawal", "2", None),
    ]


async def lots_that_differ(broker: Broker, books: FakeBooks) -> list[tuple[Any, ...]]:
    """Settle two accounts, of which the first has traded 3 lots; return whose lots differ."""
    await broker.drop(FUNDS, fundchg("1", "-1"))
    await broker.drop(cfmmc.name("trddata"), cfmmc.line("trddata", account="1", volume="3"))
    await broker.drop(SETTLED, cusfund("1", "3"), cusfund("2", "5"))
    found = await books.open_now().reconciliation.of(DAY)
    return [(one.account, one.told, one.settled) for one in found if one.kind is Kind.LOTS]


async def test_a_trade_that_two_sources_and_both_sides_tell_counts_as_it_is_settled(
    broker: Broker, books: FakeBooks
) -> None:
    await broker.post(executed("T1", 2, account="1"), executed("T2", 1, account="1"))
    await broker.post(executed("T1", 2, account="1", feed="counter/1"))
    assert await lots_that_differ(broker, books) == []
    both = [executed("T9", 4, account="2", direction=side) for side in ("buy", "sell")]
    await broker.post(*both)
    async with books.open() as open_books:
        await draw_up(open_books, DAY)
    (one,) = books.now.reconciled.reports[DAY][2:]
    assert (one.kind, one.account, one.told, one.settled) == (Kind.LOTS, "2", "8", "0")


async def test_lots_that_were_not_told_live_are_missed_where_trades_are_told_at_all(
    broker: Broker, books: FakeBooks
) -> None:
    await broker.post(executed("T1", 2, account="1"), executed("T5", 1, account="2"))
    assert await lots_that_differ(broker, books) == [("1", "2", "3"), ("2", "1", "0")]


@pytest.mark.parametrize("mark", [{}, {"rehearsal": True}, {"backfill": True}])
async def test_without_live_trades_of_the_day_no_lots_are_compared(
    mark: dict[str, bool], broker: Broker, books: FakeBooks
) -> None:
    if mark:
        await broker.post(executed("T1", 2, account="1", **mark))
    assert await lots_that_differ(broker, books) == []
