"""The records as handed on are those of aiokafka's own ``getall``, and nothing lost goes unseen."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.fetcher import FetchError, FetchResult, PartitionRecords
from aiokafka.errors import (
    CorruptRecordException,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from services.mot.adapters.records import Hole, drain

TP = TopicPartition("futures.account.v1", 3)
CONTROL = 0x20  # the attribute bit of a transaction's marker


def batch(first: int, count: int, missing: Sequence[int] = ()) -> bytearray:
    """Return one record batch as a broker sends it, ``missing`` compacted away."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 20)
    for number in range(count):
        if number not in missing:
            value = f"v{first + number}".encode()
            builder.append(number, 1_000 + number, b"k", value, [("content-type", b"x")])
    made: bytearray = builder.build()
    made[0:8] = first.to_bytes(8, "big")
    return made


def marker(first: int) -> bytearray:
    made = batch(first, 1)
    made[22] |= CONTROL
    return made


class Assignment:
    """What a fetcher knows of a partition: here, only where it stands."""

    active = True

    def __init__(self, position: int) -> None:
        self.state = SimpleNamespace(paused=False, position=position)
        self.state.consumed_to = lambda offset: setattr(self.state, "position", offset)

    def state_value(self, _: Any) -> Any:
        return self.state


def result(raw: Sequence[bytearray], position: int, check_crcs: bool = False) -> FetchResult:
    records = MemoryRecords(bytes(b"".join(raw)))
    unread = PartitionRecords(TP, records, None, position, None, None, check_crcs, 0)
    return FetchResult(TP, assignment=Assignment(position), partition_records=unread, backoff=0.1)


class Fetcher:
    """The part of aiokafka's fetcher that holds what has arrived."""

    def __init__(self, arrived: FetchResult | FetchError) -> None:
        self._records = {TP: arrived}
        self._wait_consume_future = None
        self.woken = 0

    def _notify(self, _: Any) -> None:
        self.woken += 1


LOGS: dict[str, Callable[[], tuple[list[bytearray], int]]] = {
    "one batch": lambda: ([batch(0, 5)], 0),
    "several": lambda: ([batch(10, 3), batch(13, 4), batch(17, 1)], 10),
    "from the middle of a batch": lambda: ([batch(10, 5), batch(15, 2)], 12),
    "a transaction's marker": lambda: ([batch(0, 2), marker(2), batch(3, 2)], 0),
}


@pytest.mark.parametrize("log", LOGS.values(), ids=list(LOGS))
def test_the_records_are_those_that_aiokafka_itself_returns(
    log: Callable[[], tuple[list[bytearray], int]],
) -> None:
    theirs = result(*log()).getall()
    fetcher = Fetcher(result(*log()))
    (ours,) = drain(fetcher, {TP}, 1_000)

    def told(records: Sequence[Any]) -> list[Any]:
        return [(r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in records]

    assert len(theirs) >= 4
    assert told(ours.records) == told(theirs)
    assert (ours.first, ours.last) == (log()[1], theirs[-1].offset)
    assert (fetcher._records, fetcher.woken) == ({}, 1)


def test_a_turn_ends_with_the_batch_that_is_enough_and_the_next_one_goes_on() -> None:
    fetcher = Fetcher(result([batch(0, 3), batch(3, 3), batch(6, 3)], 0))
    turns = [drain(fetcher, {TP}, 4)[0] for _ in range(2)]
    assert [(t.first, t.last, len(t.records)) for t in turns] == [(0, 5, 6), (6, 8, 3)]
    assert fetcher._records == {}


def test_what_nobody_wants_now_is_left() -> None:
    fetcher = Fetcher(result([batch(0, 3)], 0))
    assert drain(fetcher, set(), 100) == []
    assert TP in fetcher._records


def test_what_was_fetched_before_a_seek_is_dropped() -> None:
    stale = result([batch(0, 3)], 0)
    stale._assignment.state.position = 100
    fetcher = Fetcher(stale)
    assert drain(fetcher, {TP}, 100) == []
    assert fetcher._records == {}


@pytest.mark.parametrize(
    "log", [[batch(0, 3), batch(5, 3)], [batch(0, 5, missing=[2])]], ids=["between", "within"]
)
def test_a_log_with_offsets_missing_is_refused(log: list[bytearray]) -> None:
    with pytest.raises(Hole):
        drain(Fetcher(result(log, 0)), {TP}, 100)


def test_a_batch_that_was_changed_on_its_way_is_refused() -> None:
    raw = batch(0, 3)
    raw[-1] ^= 1
    with pytest.raises(CorruptRecordException):
        drain(Fetcher(result([raw], 0, check_crcs=True)), {TP}, 100)


def test_an_offset_out_of_range_is_raised_and_never_reset() -> None:
    with pytest.raises(OffsetOutOfRangeError):
        drain(Fetcher(FetchError(error=OffsetOutOfRangeError({TP: 7}), backoff=0)), {TP}, 100)


def test_a_partition_without_a_position_waits_for_the_watermark() -> None:
    fetcher = Fetcher(FetchError(error=NoOffsetForPartitionError(TP), backoff=0))
    assert drain(fetcher, {TP}, 100) == []
    assert fetcher._records == {}
