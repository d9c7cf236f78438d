"""Faust fed in batches: all fetched records of one partition reach the agent as one element.

Faust's own feed costs a dozen awaits a record, commits past records in flight and loses what an
agent raised on. Here Faust keeps the group and the assignment; where to start is Valkey's word.
Measurements: docs/decisions/0004-batch-feed-and-checkpoint.md.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from time import monotonic
from typing import Any, NamedTuple

import aiokafka
import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

FETCH_WAIT_MS = 20  # the broker answers at once when it has records; this bounds a partition's turn

Starts = Callable[[Mapping[int, int | None]], Awaitable[Mapping[int, int]]]
"""Given partition → committed offset (None: none), take them over and say where each starts."""


class Batch(NamedTuple):
    """What one fetch brought of one partition, in offset order."""

    partition: int
    records: list[Any]


class _Thread(driver.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer


class BatchConsumer(driver.Consumer):
    """A consumer whose elements are batches and whose positions come from ``starts``."""

    topic: str
    starts: Starts
    moved: float = 0.0

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(
        self,
        timeout: float,  # noqa: ASYNC109 Faust's signature
    ) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Fetch, and yield one message per partition; nothing of a former assignment passes."""
        type(self).moved = monotonic()
        records, active = await self._wait_next_records(FETCH_WAIT_MS / 1000)
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            await self.perform_seek()
            return
        generation = self.app.consumer_generation_id
        for tp, found in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if found and (active is None or tp in active or tp in self._buffered_partitions):
                yield tp, self._batch(tp, found, generation)

    def _batch(self, tp: TP, found: list[Any], generation: int) -> ConsumerMessage:
        last = found[-1]
        value: Any = Batch(tp.partition, found)  # Faust's type says bytes; it hands on anything
        seconds = last.timestamp / 1000
        return ConsumerMessage(
            tp.topic, tp.partition, last.offset, seconds, 0, [], None, value, None, 0, 0, tp,
            generation_id=generation,
        )  # fmt: skip

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """After every assignment: take the partitions over and start behind their watermarks."""
        mine = {tp.partition: tp for tp in self.assignment() if tp.topic == self.topic}
        committed = {p: await self._committed(tp) for p, tp in mine.items()}
        starts = await type(self).starts(committed)
        positions = {mine[p]: offset for p, offset in starts.items()}
        await self._thread.seek_wait(positions)
        return positions

    async def _committed(self, tp: TP) -> int | None:
        thread = self._thread
        offset: int | None = await thread.call_thread(thread._ensure_consumer().committed, tp)
        return offset

    async def _add_gap(self, tp: TP, first: int, last: int) -> None:
        """One message stands for a whole batch: the offsets between two are no gap."""

    def _new_offset(self, tp: TP) -> int | None:
        """The watermark goes to Kafka for lag and as a tombstone; it decides nothing."""
        acked = self._acked[tp]
        if not acked:
            return None
        last = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return int(last) + 1


class Untouched(faust.Schema[Any, Any]):
    """Hands a batch to the agent as it is."""

    def compile(self, app: Any, **_: Any) -> Callable[..., Awaitable[Any]]:
        """Return Faust's decoder, which decodes nothing."""

        async def decode(message: Any, *, propagate: bool = False) -> Any:
            return faust.Event(app, None, message.value, {}, message)

        return decode


def feed(app: faust.App, topic: str, starts: Starts) -> type[BatchConsumer]:
    """Give the app a transport whose consumer delivers ``topic`` in batches."""
    consumer = type("Feed", (BatchConsumer,), {"topic": topic, "starts": staticmethod(starts)})
    transport = type("BatchTransport", (driver.Transport,), {"Consumer": consumer})
    app.transport = transport(app.conf.broker, app, app.loop)
    return consumer
