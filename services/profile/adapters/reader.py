"""读 — the topics, each record's rows once: the offsets are in the tables, Kafka's are for show.

Several workers share the partitions by a consumer group. Whoever is given one starts where the
tables say; whoever lost one meets an offset that has moved, and its batch is rolled back.
"""

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from services.profile.adapters.offsets import START, Overtaken, Partition, positions
from services.profile.adapters.shelf import Shelf
from services.profile.domain.letter_limit import LetterLimit, Tally
from shared.clock import WallClock
from shared.contracts.topics import Topic
from shared.observability.logging import logger
from shared.observability.metrics import PROFILE_RECORDS, PROFILE_VISIBLE_SECONDS
from shared.settings import KafkaSettings

GROUP = "profile"
AT_ONCE = 500  # records in one transaction: the requests beside it wait for its decoding
FETCH_WAIT_MS = 30
UNKNOWN = -1

log = logger()


class Reader(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Consumes into a shelf."""

    def __init__(
        self,
        kafka: KafkaSettings,
        topics: Sequence[Topic],
        shelf: Shelf,
        limit: LetterLimit,
        instance_id: str | None = None,
    ) -> None:
        self._topics = [topic.name for topic in topics]
        self._shelf = shelf
        self._tally = Tally(limit)
        self._next: dict[Partition, int] = {}
        self._generation, self._placed = 0, UNKNOWN
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=kafka.brokers,
            group_id=GROUP,
            group_instance_id=instance_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=10_000,
            heartbeat_interval_ms=3_000,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )

    async def start(self) -> None:
        """Join the group."""
        self._consumer.subscribe(self._topics, listener=self)
        await self._consumer.start()

    async def stop(self) -> None:
        """Leave the group."""
        await self._consumer.stop()

    def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Take nothing more before the places are known again."""
        self._generation += 1

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Begin anew: ``read`` finds the places, since what fails in here is only logged."""
        self._generation += 1

    @property
    def assigned(self) -> bool:
        """Say whether there is anything to read."""
        return bool(self._consumer.assignment())

    async def lag(self) -> float:
        """Count the records of the owned partitions that are not in the tables; NaN: unknown."""
        owned = list(self._consumer.assignment())
        if not owned or self._placed != self._generation:
            return math.nan
        ends = await self._consumer.end_offsets(owned)
        begins = await self._consumer.beginning_offsets(owned)
        return float(sum(ends[tp] - max(self._next[Partition(*tp)], begins[tp]) for tp in owned))

    async def read(self) -> bool:
        """Take what has arrived; say whether there was anything."""
        if self._placed != self._generation:
            await self._find_places()
        generation = self._placed
        arrived = await self._consumer.getmany(timeout_ms=200, max_records=AT_ONCE)
        records = [record for found in arrived.values() for record in found]
        if not records or self._generation != generation or generation == UNKNOWN:
            return False  # what was fetched meanwhile is fetched again from its place
        try:
            buried = await self._shelf.put(records, self._next)
        except Overtaken:
            log.warning("a position has moved: it is read again")
            self._shelf.partitions.forget()
            self._placed = UNKNOWN
            return True
        ends = {Partition(r.topic, r.partition): r.offset + 1 for r in records}
        if self._generation == generation:
            self._next |= ends
        self._count(records, buried)
        await self._show(ends)
        return True

    async def _find_places(self) -> None:
        """Seek every owned partition to where the tables are."""
        generation = self._generation
        owned = [Partition(*tp) for tp in self._consumer.assignment()]
        if not owned:
            return
        async with self._shelf.database.begin() as connection:
            found = await positions(connection, owned)
        await self._warn_of_gaps(found)
        for partition, offset in found.items():
            with contextlib.suppress(IllegalStateError):  # given away meanwhile
                if offset == START:
                    await self._consumer.seek_to_beginning(TopicPartition(*partition))
                else:
                    self._consumer.seek(TopicPartition(*partition), offset)
        self._next = found
        if self._generation == generation:
            self._placed = generation

    async def _warn_of_gaps(self, found: Mapping[Partition, int]) -> None:
        begins = await self._consumer.beginning_offsets([TopicPartition(*p) for p in found])
        for tp, begin in begins.items():
            if START < found[Partition(*tp)] < begin:
                log.error("records have expired unread", topic=tp.topic, partition=tp.partition)

    def _count(self, records: Sequence[Any], buried: int) -> None:
        oldest = min(record.timestamp for record in records)
        PROFILE_VISIBLE_SECONDS.observe(max(0.0, WallClock().now().timestamp() - oldest / 1000))
        PROFILE_RECORDS.labels("taken").inc(len(records) - buried)
        PROFILE_RECORDS.labels("buried").inc(buried)
        self._tally.note(len(records), buried)

    async def _show(self, ends: Mapping[Partition, int]) -> None:
        """Commit to Kafka too: only lag is counted from it, nobody starts there."""
        with contextlib.suppress(CommitFailedError, IllegalStateError, KafkaError):
            await self._consumer.commit({TopicPartition(*p): end for p, end in ends.items()})
