"""Dead letters: the record as it came, its origin and the reason in headers; written and read."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from shared.contracts.topics import TOPICS, Topic
from shared.settings import KafkaSettings
from shared.streams.log_reader import LogReader, Span, untold
from shared.streams.publish import Headers, Record

LONGEST = 512 * 1024  # bytes of a value: a letter must pass where the record itself might not
SUFFIX = ".dlq"
BURIED = {topic.name.removesuffix(SUFFIX): topic for topic in TOPICS if topic.name.endswith(SUFFIX)}
"""The topics that bury, by name, each with the topic of its letters."""


def letter(topic: str, key: bytes | None, value: bytes, origin: dict[str, str]) -> Record:
    """Return the record for ``<topic>.dlq``.

    ``origin`` names where it came from and why it was refused: ``origin-topic``,
    ``origin-partition``, ``origin-offset`` or ``origin-file``, ``origin-line``; and ``reason``.
    Of a value above ``LONGEST`` it keeps the beginning; ``value-bytes`` says how long it was.
    """
    said = {**origin, "value-bytes": str(len(value))} if len(value) > LONGEST else origin
    headers: Headers = tuple((name, text.encode()) for name, text in said.items())
    return Record(f"{topic}{SUFFIX}", key, value[:LONGEST], None, headers)


@dataclass(frozen=True)
class Place:
    """Where a letter lies; its text is the letter's id at the terminal: ``topic:partition:offset``."""  # noqa: E501

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an id; raises ``ValueError``."""
        whole, partition, offset = text.rsplit(":", 2)
        topic = whole.removesuffix(SUFFIX)
        if topic not in BURIED or not (partition + offset).isdecimal():
            raise ValueError(f"no letter's id: {text!r}")
        return cls(topic, int(partition), int(offset))


@dataclass(frozen=True, repr=False)
class Letter:
    """One dead letter as it lies in Kafka; ``at``: when it was buried."""

    place: Place
    at: datetime
    key: bytes | None
    value: bytes
    headers: Mapping[str, str]

    @property
    def reason(self) -> str:
        return self.headers.get("reason", "")

    @property
    def sealed(self) -> str | None:
        """The sealing context of its value; None: it is in clear."""
        return self.headers.get("sealed")

    @property
    def cut(self) -> bool:
        """Say whether only the beginning of the value was kept."""
        return bool(self.headers.keys() & {"cut-from-bytes", "value-bytes"})

    @property
    def name(self) -> str:
        """What is the same for the same bad record, however often it was buried."""
        told = self.headers
        if "origin-offset" in told:
            return "/".join(told[f"origin-{part}"] for part in ("topic", "partition", "offset"))
        return told.get("id", str(self.place))

    @property
    def origin(self) -> str:
        """Where the record came from, in one short piece of text."""
        told = self.headers
        if "origin-line" in told:
            return f"{told.get('origin-file')}:{told['origin-line']}"
        if "origin-offset" in told:
            return self.name
        return told.get("origin-file") or told.get("origin", "?")


def letter_of(record: Any) -> Letter:
    """Return a record of a ``.dlq`` topic as a letter."""
    return Letter(
        Place(record.topic.removesuffix(SUFFIX), record.partition, record.offset),
        datetime.fromtimestamp(record.timestamp / 1000, UTC),
        record.key,
        record.value or b"",
        {name: value.decode(errors="replace") for name, value in record.headers},
    )


async def letters(
    kafka: KafkaSettings,
    topics: Iterable[str],
    since: datetime | None = None,
    told: Callable[[int, int], None] = untold,
) -> AsyncIterator[Letter]:
    """Yield the letters of some topics that lie there now, of one partition after another."""
    async with LogReader(kafka, told) as reader:
        spans = [span for name in topics for span in await _spans(reader, BURIED[name], since)]
        async for record in reader.read(spans):
            yield letter_of(record)


async def find(kafka: KafkaSettings, places: Iterable[Place]) -> list[Letter]:
    """Return the letters at some places; one that is not there is left out."""
    async with LogReader(kafka) as reader:
        found = []
        for place in places:
            (held,) = await reader.spans(BURIED[place.topic], [place.partition])
            if held.begin <= place.offset < held.end:
                wanted = held._replace(begin=place.offset, end=place.offset + 1)
                found += [letter_of(record) async for record in reader.read([wanted])]
        return found


async def _spans(reader: LogReader, topic: Topic, since: datetime | None) -> list[Span]:
    spans = await reader.spans(topic)
    return await reader.since(spans, since) if since else spans
