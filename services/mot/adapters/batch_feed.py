"""Faust fed in batches: all fetched records of one partition reach the agent as one element.

Faust's own feed costs a dozen awaits a record, commits past records in flight and loses what an
agent raised on. Here Faust keeps the group and the assignment; where to start is Valkey's word.
Measurements: docs/decisions/0004-batch-feed-and-checkpoint.md.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import aiokafka
import faust
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage
from mode.utils.futures import notify

from services.mot.adapters.records import drain
from services.mot.partition import Fetched, Log

FETCH_WAIT = 0.02  # seconds; the broker answers at once when it has records
FULL_WAIT = 0.002  # seconds until the lanes are asked again for room
MOST = 4_000  # records a turn


class Owner(Protocol):
    """Who works on the batches: owns partitions, and says how far each one is."""

    async def take_over(self, logs: Mapping[int, Log]) -> Mapping[int, int]:
        """Own these partitions and no others; return the offset each one starts from."""

    async def settle(self) -> None:
        """Bring what is at work to its checkpoint, and begin nothing new."""

    def keep(self, numbers: Iterable[int]) -> None:
        """Forget every partition but these."""

    def room(self, partition: int) -> bool:
        """Say whether another batch may be fetched."""

    def done(self, partition: int) -> int | None:
        """Return the offset behind the watermark, which is committed to Kafka."""


class Signals(NamedTuple):
    """What the feed tells the process, and not the owner of the batches.

    ``turned``: it has come back from a fetch, or an assignment changes. ``failed``: why there is
    nothing more to come, which must end the process.
    """

    turned: Callable[[], None]
    failed: Callable[[Exception], None]


class _Thread(driver.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = int(FETCH_WAIT * 1000)
        return consumer

    async def fetch(self, wanted: frozenset[TP]) -> list[Fetched]:
        """Return what has arrived of these partitions; wait a moment when nothing has."""
        found: list[Fetched] = await self.call_thread(self._fetch, wanted)
        return found

    async def _fetch(self, wanted: frozenset[TP]) -> list[Fetched]:
        fetcher = self._ensure_consumer()._fetcher
        if fetcher._closed:
            raise ConsumerStoppedError
        subscriptions = fetcher._subscriptions
        with subscriptions.fetch_context():
            if subscriptions.reassignment_in_progress:
                await asyncio.sleep(FETCH_WAIT)
                return []
            if found := drain(fetcher, wanted, MOST):
                return found
            arrived = fetcher._create_fetch_waiter()
            await asyncio.wait([arrived], timeout=FETCH_WAIT)
            if not arrived.cancel():
                arrived.result()  # raises what has gone wrong with the group
            return drain(fetcher, wanted, MOST)


class BatchConsumer(driver.Consumer):
    """A consumer whose elements are batches and whose positions come from its owner."""

    topic: str
    owner: Owner
    signals: Signals
    _turn = 0
    _begun: frozenset[TP] = frozenset()

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(
        self,
        timeout: float,  # noqa: ASYNC109 Faust's signature
    ) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Fetch, and yield one message per partition; nothing of a former assignment passes."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]
        turn, room = self._turn, self.owner.room
        active = self._begun & self._get_active_partitions()
        wanted = frozenset(tp for tp in active if room(tp.partition))
        self.signals.turned()
        if not wanted:
            await asyncio.sleep(FULL_WAIT if active else FETCH_WAIT)
            return
        for found in await self._fetch(wanted):
            if self.should_stop or not self.flow_active or turn != self._turn:
                return
            tp = TP(self.topic, found.partition)
            yield tp, self._batch(tp, found)

    async def _fetch(self, wanted: frozenset[TP]) -> list[Fetched]:
        try:
            found: list[Fetched] = await self._thread.fetch(wanted)  # type: ignore[attr-defined]
        except ConsumerStoppedError:
            raise
        except Exception as error:
            self.signals.failed(error)
            raise
        return found

    def _batch(self, tp: TP, found: Fetched) -> ConsumerMessage:
        value: Any = found  # Faust's type says bytes; it hands on anything
        return ConsumerMessage(
            tp.topic, tp.partition, found.last, 0.0, 0, [], None, value, None, 0, 0, tp,
            generation_id=self.app.consumer_generation_id,
        )  # fmt: skip

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish what is at work before the group hears of us; Faust leaves it when stopping."""
        await self.owner.settle()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Let go of what others have now, even when nothing is left to take over."""
        self._begun = frozenset()
        self.signals.turned()
        self.owner.keep(tp.partition for tp in assigned)
        await super().on_partitions_assigned(assigned, generation_id)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """After every assignment: take the partitions over and start behind their watermarks."""
        self._turn += 1
        mine = {tp.partition: tp for tp in self.assignment() if tp.topic == self.topic}
        try:
            starts = await self.owner.take_over(await self._logs(mine))
            positions = {mine[p]: offset for p, offset in starts.items()}
            await self._thread.seek_wait(positions)
        except Exception as error:
            self.signals.failed(error)
            raise
        self._begun = frozenset(positions)
        return positions

    async def _logs(self, mine: Mapping[int, TP]) -> Mapping[int, Log]:
        begins = await self.earliest_offsets(*mine.values())
        ends = await self.highwaters(*mine.values())
        committed = self._thread._ensure_consumer().committed
        return {
            number: Log(begins[tp], ends[tp], await self._thread.call_thread(committed, tp))
            for number, tp in mine.items()
        }

    async def wait_empty(self) -> None:
        """Before partitions are given up, and before the end: what is at work is finished."""
        self.signals.turned()
        await self.owner.settle()
        await super().wait_empty()

    def close(self) -> None:
        """Do nothing: called when a rebalance meets a stop, whose own turn closes in good order.

        Faust closes the client here under its running coordinator, which then never ends.
        """

    def ack(self, message: Any) -> bool:
        """Keep no account of offsets: what counts is the watermark, and it is the owner's."""
        message.acked = True
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        return True

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Any:
        return iter(self._begun)

    def _new_offset(self, tp: TP) -> int | None:
        """The watermark goes to Kafka for lag and as a tombstone; it decides nothing."""
        return self.owner.done(tp.partition)

    async def _add_gap(self, tp: TP, first: int, last: int) -> None:
        """One message stands for a whole batch: the offsets between two are no gap."""


class Untouched(faust.Schema[Any, Any]):
    """Hands a batch to the agent as it is."""

    def compile(self, app: Any, **_: Any) -> Callable[..., Awaitable[Any]]:
        """Return Faust's decoder, which decodes nothing."""

        async def decode(message: Any, *, propagate: bool = False) -> Any:
            return faust.Event(app, None, message.value, {}, message)

        return decode


def feed(app: faust.App, topic: str, owner: Owner, signals: Signals) -> None:
    """Give the app a transport whose consumer delivers ``topic`` in batches to ``owner``."""
    told = {"topic": topic, "owner": owner, "signals": signals}
    consumer = type("Feed", (BatchConsumer,), told)
    transport = type("BatchTransport", (driver.Transport,), {"Consumer": consumer})
    app.transport = transport(app.conf.broker, app, app.loop)
