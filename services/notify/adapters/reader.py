"""读 — the topics, at least once: an offset is committed only after its transaction.

A record that cannot be read, or that the database cannot hold, goes to the dead letters with the
reason, and reading goes on. Everything else that goes wrong ends the process.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError

from shared.contracts.event import Event
from shared.contracts.topics import ALERT
from shared.observability.logging import logger
from shared.observability.metrics import ALERTS_RECEIVED
from shared.settings import KafkaSettings
from shared.streams.deadletters import letter
from shared.streams.publish import Record

GROUP = "notify"
AT_ONCE = 500
FETCH_WAIT_MS = 30  # a partition just emptied waits out the fetch under way without it
REASON = 300

log = logger()


@dataclass(frozen=True)
class Read:
    """One readable record: the event and where it came from."""

    event: Any
    origin: str


@dataclass(frozen=True)
class Subject:
    """What one topic holds and who takes it. ``ordered``: must have a sequence."""

    adapter: TypeAdapter[Any]
    take: Callable[[Sequence[Read]], Awaitable[None]]
    ordered: bool
    batch: int


class Unreadable(Exception):
    """The record is not what its topic's contract says. The text quotes no value."""


async def at_once() -> None:
    """Wait for nothing."""


class Reader(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Consumes; the directory first, so that an alert finds the relation that came with it.

    ``abreast``: awaited before what has arrived is taken.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        subjects: Mapping[str, Subject],
        bury: Callable[[Record], Awaitable[None]],
        instance_id: str | None = None,
    ) -> None:
        self._subjects = subjects
        self._bury = bury
        self._done: dict[TopicPartition, int] = {}
        self._generation = 0
        self.abreast: Callable[[], Awaitable[None]] = at_once
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
        self._consumer.subscribe(list(self._subjects), listener=self)
        await self._consumer.start()

    async def stop(self) -> None:
        """Leave the group."""
        await self._consumer.stop()

    def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Forget what was read: whoever reads on starts at the committed offsets."""

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Begin a new reckoning."""
        self._generation += 1
        self._done = {}

    @property
    def assigned(self) -> bool:
        """Say whether there is anything to read."""
        return bool(self._consumer.assignment())

    async def lag(self) -> float:
        """Count the records not yet taken in the owned partitions, exactly; NaN: none is owned."""
        owned = self._consumer.assignment()
        if not owned:
            return math.nan
        ends = await self._consumer.end_offsets(list(owned))
        behind = [end - await self._position(tp) for tp, end in ends.items()]
        return float(sum(behind))

    async def read(self) -> bool:
        """Take what has arrived; say whether there was anything."""
        generation = self._generation
        arrived = await self._consumer.getmany(timeout_ms=200, max_records=AT_ONCE)
        for tp, records in arrived.items():
            self._done.setdefault(tp, records[0].offset)
        if arrived:
            await self.abreast()
        directory = [tp for tp in arrived if tp.topic != ALERT.name]
        for tp in directory:
            await self._take(arrived[tp])
        async with asyncio.TaskGroup() as group:
            for tp in arrived.keys() - set(directory):
                group.create_task(self._take(arrived[tp]))
        ends = {tp: records[-1].offset + 1 for tp, records in arrived.items() if records}
        if ends:
            await self._commit(ends, generation)
        return bool(ends)

    async def _commit(self, ends: dict[TopicPartition, int], generation: int) -> None:
        try:
            await self._consumer.commit(ends)
        except (CommitFailedError, IllegalStateError) as error:
            # The partitions went to another worker, which reads these records again.
            log.warning("offsets not committed", reason=type(error).__name__)
            return
        if generation == self._generation:
            self._done |= ends

    async def _position(self, tp: TopicPartition) -> int:
        """Return the next offset to be taken. Kafka's own position is past what is being taken."""
        done = self._done.get(tp)
        return int(await self._consumer.position(tp)) if done is None else done

    async def _take(self, records: Sequence[Any]) -> None:
        subject = self._subjects[records[0].topic]
        batch: list[tuple[Any, Read]] = []
        for record in records:
            try:
                batch.append((record, _read(subject, record)))
            except Unreadable as error:
                await self._refuse(record, str(error))
        for start in range(0, len(batch), subject.batch):
            await self._hand_over(subject, batch[start : start + subject.batch])

    async def _hand_over(self, subject: Subject, batch: Sequence[tuple[Any, Read]]) -> None:
        try:
            await subject.take([read for _, read in batch])
        except DBAPIError as error:
            if not _is_about_the_data(error):
                raise
            if len(batch) == 1:
                await self._refuse(batch[0][0], "the database cannot hold one of its values")
                return
            for one in batch:
                await self._hand_over(subject, [one])

    async def _refuse(self, record: Any, reason: str) -> None:
        origin = {
            "origin-topic": record.topic,
            "origin-partition": str(record.partition),
            "origin-offset": str(record.offset),
            "reason": reason[:REASON],
        }
        await self._bury(letter(record.topic, record.key, record.value or b"", origin))
        log.warning("a record went to the dead letters", **origin)
        if record.topic == ALERT.name:
            ALERTS_RECEIVED.labels("unreadable").inc()


def _is_about_the_data(error: DBAPIError) -> bool:
    """Say whether the database refused a value (SQLSTATE class 22, or the driver did already)."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith("22") or isinstance(getattr(error.orig, "__cause__", None), ValueError)


def _read(subject: Subject, record: Any) -> Read:
    if not record.value:
        raise Unreadable("the record has no value")
    try:
        event: Event = subject.adapter.validate_json(record.value)
    except ValidationError as error:
        places = error.errors(include_input=False, include_url=False, include_context=False)
        told = (f"{'.'.join(map(str, p['loc']))}: {p['type']}" for p in places[:5])
        raise Unreadable("; ".join(told)) from None
    if subject.ordered and event.sequence is None:
        raise Unreadable("sequence: missing")
    return Read(event, f"{record.topic}/{record.partition}/{record.offset}")
