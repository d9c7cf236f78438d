"""Records out of aiokafka's fetcher as its C code parsed them, whole batches at a time.

``getmany`` builds a Python object a record, which costs more than our decode. This is the one place
that knows the fetcher's inside; ``tests/unit/mot/test_records.py`` compares it with ``getmany``.
"""

from collections.abc import Set
from typing import Any

from aiokafka.consumer.fetcher import Fetcher, FetchError, FetchResult
from aiokafka.errors import CorruptRecordException, NoOffsetForPartitionError

from services.mot.partition import Fetched


class Hole(RuntimeError):
    """Kafka returned a log with offsets missing: what stood there would never be seen."""


def drain(fetcher: Fetcher, wanted: Set[Any], most: int) -> list[Fetched]:
    """Return what was fetched of the wanted partitions, about ``most`` records, in order each."""
    found: list[Fetched] = []
    for tp in [tp for tp in fetcher._records if tp in wanted]:
        result = fetcher._records[tp]
        if type(result) is FetchError:
            _drop(fetcher, tp)
            if type(result._error) is not NoOffsetForPartitionError:  # its position comes from us
                raise result._error
        elif fetched := _unpack(tp, result, most):
            found.append(fetched)
            most -= len(fetched.records)
        if tp in fetcher._records and not result.has_more():
            _drop(fetcher, tp)
        if most <= 0:
            break
    return found


def _drop(fetcher: Fetcher, tp: Any) -> None:
    """Make room, so that the partition is fetched again."""
    del fetcher._records[tp]
    fetcher._notify(fetcher._wait_consume_future)


def _unpack(tp: Any, result: FetchResult, most: int) -> Fetched | None:
    if not result.has_more() or not result.check_assignment(tp):
        return None
    unread = result._partition_records
    first, batches = unread.next_fetch_offset, unread._records
    records: list[Any] = []
    while len(records) < most and batches.has_next():
        batch = batches.next_batch()
        if unread._check_crcs and not batch.validate_crc():
            raise CorruptRecordException(f"{tp}: checksum of the batch at {batch.base_offset}")
        if batch.base_offset > unread.next_fetch_offset:
            raise Hole(f"{tp}: nothing from {unread.next_fetch_offset} to {batch.base_offset - 1}")
        if not batch.is_control_batch:
            records += _complete(tp, batch, unread.next_fetch_offset)
        unread.next_fetch_offset = batch.next_offset
    result._update_position()
    if not batches.has_next():
        result._partition_records = None
    return Fetched(tp.partition, first, unread.next_fetch_offset - 1, records)


def _complete(tp: Any, batch: Any, begin: int) -> list[Any]:
    """Return a batch's records from an offset on; none of them may be missing."""
    records = list(batch)
    if len(records) != batch.next_offset - batch.base_offset:
        raise Hole(f"{tp}: the batch at {batch.base_offset} has lost records")
    skipped = begin - batch.base_offset  # a fetch brings the whole batch that holds its position
    return records[skipped:] if skipped else records
