"""Kafka's log read from here to there, in no group, with its progress told."""

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import Topic
from shared.settings import KafkaSettings

WAIT_MS = 1_000
Told = Callable[[int, int], None]
"""Is told how many offsets are behind, of how many."""


def untold(done: int, of: int) -> None:
    """Tell nobody."""


class Span(NamedTuple):
    """Offsets of one partition from ``begin`` up to, not including, ``end``."""

    topic: str
    partition: int
    begin: int
    end: int


class LogReader:
    """A context: one consumer without a group, which commits nothing and disturbs nobody."""

    def __init__(self, kafka: KafkaSettings, told: Told = untold) -> None:
        self._kafka, self._told = kafka, told

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._kafka.brokers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            await self._consumer.start()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._consumer.stop()

    async def spans(self, topic: Topic, partitions: Iterable[int] | None = None) -> list[Span]:
        """Return what each partition holds now; all of them unless some are named."""
        numbers = range(topic.partitions) if partitions is None else partitions
        places = [TopicPartition(topic.name, number) for number in numbers]
        begins = await self._consumer.beginning_offsets(places)
        ends = await self._consumer.end_offsets(places)
        return [Span(topic.name, p.partition, begins[p], ends[p]) for p in places]

    async def since(self, spans: Iterable[Span], moment: datetime) -> list[Span]:
        """Return the parts of some spans that were written from a moment on."""
        held = {TopicPartition(span.topic, span.partition): span for span in spans}
        asked = dict.fromkeys(held, int(moment.timestamp() * 1000))
        found = await self._consumer.offsets_for_times(asked)
        begins = {place: at.offset if at else held[place].end for place, at in found.items()}
        return [span._replace(begin=max(span.begin, begins[tp])) for tp, span in held.items()]

    async def read(self, spans: Iterable[Span]) -> AsyncIterator[Any]:
        """Yield the records of some spans, one span after another, in offset order."""
        filled = [span for span in spans if span.begin < span.end]
        total, behind = sum(span.end - span.begin for span in filled), 0
        for span in filled:
            async for records, position in self._fetched(span):
                for record in records:
                    yield record
                self._told(behind + min(position, span.end) - span.begin, total)
            behind += span.end - span.begin

    async def _fetched(self, span: Span) -> AsyncIterator[tuple[list[Any], int]]:
        """Yield what each fetch brings of a span, and the offset behind it."""
        place, position = TopicPartition(span.topic, span.partition), span.begin
        self._consumer.assign([place])
        self._consumer.seek(place, span.begin)
        while position < span.end:
            found = await self._consumer.getmany(place, timeout_ms=WAIT_MS)
            records = [r for r in found.get(place, ()) if r.offset < span.end]
            position = await self._consumer.position(place)  # markers have offsets and no record
            yield records, position
