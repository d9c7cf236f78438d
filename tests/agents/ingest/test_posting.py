"""Posted batches: the good are stored, the bad buried and named, repeats counted."""

import json
from datetime import timedelta
from typing import Any

import pytest

from services.ingest.agent.posting import NotABatch, Posting, TooMany, split
from services.ingest.domain.admission import Gate
from services.ingest.domain.books import StoresAway
from services.ingest.domain.fact import Identity
from shared.kernel.trading_day import china
from tests.kit.ingest import BROKER, FakeBooks, raw, reversed_, ticked, withdrew


@pytest.fixture
def books() -> FakeBooks:
    return FakeBooks()


@pytest.fixture
def posting(books: FakeBooks) -> Posting:
    return Posting(Gate(BROKER, china(), ticks=True), books.open)


def batch(*events: Any) -> list[bytes]:
    return split(raw(list(events)), single=False)


async def test_good_events_are_kept_beside_bad_ones(posting: Posting, books: FakeBooks) -> None:
    receipt = await posting.accept(
        batch(withdrew("1", "a"), withdrew("x", "b"), withdrew(2.5, "c"))
    )
    assert (receipt.accepted, receipt.duplicates) == (1, 0)
    assert [(r.index, r.id, r.place) for r in receipt.refused] == [
        (1, "withdrawal/b", "data.amount"),
        (2, "withdrawal/c", "data.amount"),
    ]
    assert [event["id"] for event in books.now.told()] == ["withdrawal/a"]


async def test_a_bad_event_is_buried_as_it_came_with_the_reason(
    posting: Posting, books: FakeBooks
) -> None:
    await posting.accept(batch(withdrew("x")))
    [letter] = books.now.letters()
    assert letter.topic == "futures.account.v1.dlq"
    assert json.loads(letter.body) == withdrew("x")
    assert letter.headers is not None
    assert letter.headers["place"] == "data.amount"
    assert letter.headers["reason"] == "not an amount: x"


async def test_the_same_bad_event_is_buried_once(posting: Posting, books: FakeBooks) -> None:
    for _ in range(3):
        await posting.accept(batch(withdrew("x")))
    assert len(books.now.letters()) == 1


async def test_a_nan_spoils_only_its_own_event(posting: Posting, books: FakeBooks) -> None:
    receipt = await posting.accept(batch(withdrew("1"), withdrew(float("nan"), "b")))
    assert (receipt.accepted, receipt.refused[0].place) == (1, "data.amount")


async def test_a_repeat_is_a_duplicate_and_no_error(posting: Posting, books: FakeBooks) -> None:
    first = await posting.accept(batch(withdrew("1"), withdrew("1")))
    again = await posting.accept(batch(withdrew("1")))
    assert (first.accepted, first.duplicates) == (1, 1)
    assert (again.accepted, again.duplicates) == (0, 1)
    assert len(books.now.told()) == 1


async def test_an_empty_batch_is_accepted(posting: Posting) -> None:
    assert (await posting.accept([])).accepted == 0


async def test_a_reversal_is_told_with_its_direction(posting: Posting, books: FakeBooks) -> None:
    await posting.accept(batch(withdrew("100", "a")))
    await posting.accept(batch(reversed_("100", "a")))
    assert books.now.told("funds.reversed")[0]["data"]["direction"] == "withdrawal"


async def test_a_repeated_movement_does_not_bring_back_a_reversed_one(
    posting: Posting, books: FakeBooks
) -> None:
    events = [withdrew("100", "a"), reversed_("100", "a"), withdrew("100", "a")]
    await posting.accept(batch(*events))
    await posting.accept(batch(withdrew("100", "a")))
    assert [m.standing for m in books.now.movements.values()] == [False]


async def test_a_rehearsals_movement_is_told_and_not_matched(
    posting: Posting, books: FakeBooks
) -> None:
    await posting.accept(batch(withdrew("1", rehearsal=True)))
    assert (len(books.now.told()), books.now.movements) == (1, {})


async def test_a_posted_minute_goes_everywhere_and_moves_the_clock(
    posting: Posting, books: FakeBooks
) -> None:
    early, late = ticked("2026-06-01T10:00:00+08:00"), ticked("2026-06-01T10:01:00+08:00")
    receipt = await posting.accept(batch(late, early))
    assert receipt.newest_tick is not None
    assert receipt.newest_tick.data.at.minute == 1
    assert all(fact.everywhere for fact in books.now.facts.values())


async def test_nothing_is_stored_while_the_database_is_away(
    posting: Posting, books: FakeBooks
) -> None:
    books.fail = StoresAway("gone")
    with pytest.raises(StoresAway):
        await posting.accept(batch(withdrew("1")))
    books.fail = None
    assert books.now.facts == {}
    assert (await posting.accept(batch(withdrew("1")))).accepted == 1


def test_events_are_kept_byte_for_byte() -> None:
    assert split(b'[ {"a" : 1} , 5]', single=False) == [b'{"a" : 1}', b"5"]
    assert split(b'{"a":1}', single=True) == [b'{"a":1}']


DEEP = b"[" * 20_000 + b"]" * 20_000


@pytest.mark.parametrize("body", [b"", b"{", b'{"id": 1}', b"NaN", b"[1,", b'"x"', b"\xff", DEEP])
def test_a_body_that_is_no_list_says_where(body: bytes) -> None:
    with pytest.raises(NotABatch) as caught:
        split(body, single=False)
    assert str(caught.value)


def test_a_batch_has_an_end() -> None:
    with pytest.raises(TooMany, match="1001 events"):
        split(b"[" + b",".join([b"{}"] * 1001) + b"]", single=False)


async def test_a_body_that_cannot_be_read_is_buried(posting: Posting, books: FakeBooks) -> None:
    await posting.bury(b"{", "Input data was truncated")
    [letter] = books.now.letters()
    assert letter.body == b"{"
    assert letter.identity == Identity("guanchao/dead-letters", letter.identity.id)


async def test_a_source_is_heard_with_each_of_its_records_even_a_known_one(
    posting: Posting, books: FakeBooks
) -> None:
    first, later = books.moment, books.moment + timedelta(minutes=3)
    await posting.accept(batch(withdrew("1", "a"), withdrew("2", "b", source="push")))
    assert books.now.heard == {"stream": first, "push": first}
    books.moment = later
    history = withdrew("3", "d", source="archive", backfill=True)
    bad = withdrew("x", "c", source="bad")
    await posting.accept(batch(withdrew("1", "a"), ticked(), bad, history))
    assert books.now.heard == {"stream": later, "push": first}
