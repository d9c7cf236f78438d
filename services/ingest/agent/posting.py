"""接收 — posted events become facts: the good ones stored, the bad ones buried with a reason."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec
from pydantic_core import from_json

from services.ingest.agent.live import release, tell
from services.ingest.domain.admission import Gate, Refused, admit, posted
from services.ingest.domain.books import OpenBooks
from services.ingest.domain.fact import Fact, dead_letter, of_account
from services.ingest.domain.rehearsal import NEVER, Rehearsal
from shared.clock import Clock, WallClock
from shared.contracts.stream import StreamEvent
from shared.contracts.topics import ACCOUNT
from shared.contracts.trading import ClockTicked
from shared.observability.metrics import (
    EVENT_LAG,
    RECORDS_ACCEPTED,
    RECORDS_DUPLICATE,
    RECORDS_REFUSED,
)
from shared.observability.sources import source_label

MOST_EVENTS = 1000


class NotABatch(ValueError):
    """The body is no JSON list of events; says where."""


class TooMany(ValueError):
    """The batch holds more than ``MOST_EVENTS``."""


@dataclass(frozen=True)
class RefusedEvent:
    """One posted event that is no fact: its place in the batch and the place in it."""

    index: int
    id: str | None
    place: str
    reason: str


@dataclass(frozen=True)
class Receipt:
    """What became of a batch; returned only once everything good is durable."""

    accepted: int
    duplicates: int
    refused: tuple[RefusedEvent, ...] = ()
    newest_tick: ClockTicked | None = None


def split(body: bytes, single: bool) -> list[bytes]:
    """Return the events of a body, each as it came; raises ``NotABatch`` and ``TooMany``."""
    if single:
        return [body]
    try:
        events = [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError) as failure:
        events = _lenient(body, str(failure))
    except RecursionError:
        raise NotABatch("nested too deeply") from None
    if len(events) > MOST_EVENTS:
        raise TooMany(f"{len(events)} events, at most {MOST_EVENTS}")
    return events


def _lenient(body: bytes, reason: str) -> list[bytes]:
    """NaN and Infinity are not JSON, but must not spoil the good events beside them."""
    try:
        items = from_json(body)
    except ValueError:
        raise NotABatch(reason) from None
    if not isinstance(items, list):
        raise NotABatch("not a JSON list of events")
    return [json.dumps(item, ensure_ascii=False).encode() for item in items]


@dataclass(frozen=True)
class Manner:
    """How posted events are taken.

    ``conflate``: snapshots that do not matter wait for the minute. ``floor``: the oldest trading
    day whose identities are remembered; what is older can only be history.
    """

    conflate: bool = False
    rehearsal: Rehearsal = NEVER
    floor: Callable[[], date | None] = lambda: None


@dataclass(frozen=True)
class Posting:
    """Takes batches of posted events; ``clock`` tells how late they are."""

    gate: Gate
    open_books: OpenBooks
    manner: Manner = Manner()
    clock: Clock = field(default_factory=WallClock)

    async def accept(self, raws: Sequence[bytes]) -> Receipt:
        """Store the good events, bury the bad; raises ``StoresAway`` when neither is durable."""
        admitted, refused, letters = self._judge(raws)
        events = self.manner.rehearsal.marked(admitted)
        async with self.open_books() as books:
            new = await tell(books, events, letters, self.manner.conflate)
            tick = _newest_tick(events)
            if tick:
                await release(books, tick.data.at)
            live = _live_by_source(events)
            await books.heard.note(live)
        self._lag(live)
        known = len(events) - len(new)
        for type_, count in Counter(event.type for event in new).items():
            RECORDS_ACCEPTED.labels(type_).inc(count)
        RECORDS_DUPLICATE.labels("push").inc(known)
        return Receipt(len(new), known, tuple(refused), tick)

    async def bury(self, body: bytes, reason: str) -> None:
        """Keep a body of which no event can be read."""
        RECORDS_REFUSED.labels("schema").inc()
        async with self.open_books() as books:
            await books.inbox.store([_letter(body, "body", reason)])

    def _judge(
        self, raws: Sequence[bytes]
    ) -> tuple[list[StreamEvent], list[RefusedEvent], list[Fact]]:
        events: list[StreamEvent] = []
        refused: list[RefusedEvent] = []
        letters: list[Fact] = []
        floor = self.manner.floor()
        for index, raw in enumerate(raws):
            try:
                events.append(_remembered(admit(raw, self.gate), floor))
            except Refused as failure:
                RECORDS_REFUSED.labels(failure.kind).inc()
                refused.append(
                    RefusedEvent(index, posted(raw, "id"), failure.place, failure.reason)
                )
                letters.append(_letter(raw, failure.place, failure.reason))
        return events, refused, letters

    def _lag(self, live: Mapping[str, Sequence[StreamEvent]]) -> None:
        """The batch's longest, for each source."""
        now = self.clock.now()
        for source, events in live.items():
            oldest = min(event.time for event in events)
            EVENT_LAG.labels(source_label(source)).observe(max(0.0, (now - oldest).total_seconds()))


def _remembered(event: StreamEvent, floor: date | None) -> StreamEvent:
    """Of a day that is forgotten nobody knows whether it was told already."""
    if floor is not None and event.data.trading_day < floor and not is_history(event):
        reason = f"before {floor} all is forgotten: send it with backfill"
        raise Refused("data.trading_day", reason, "trading-day")
    return event


def is_history(event: StreamEvent) -> bool:
    """Say whether an event is history that is loaded later."""
    return of_account(event.data) and event.data.backfill


def _newest_tick(events: Sequence[StreamEvent]) -> ClockTicked | None:
    ticks = [event for event in events if type(event) is ClockTicked]
    return max(ticks, key=lambda tick: tick.data.at, default=None)


def _live_by_source(events: Sequence[StreamEvent]) -> Mapping[str, Sequence[StreamEvent]]:
    """A record that was known already shows that its source is there; loaded history does not."""
    live: dict[str, list[StreamEvent]] = defaultdict(list)
    for event in events:
        if of_account(event.data) and not event.data.backfill:
            live[event.data.source].append(event)
    return live


def _letter(raw: bytes, place: str, reason: str) -> Fact:
    origin = {"origin": "http", "place": place, "reason": reason}
    return dead_letter(ACCOUNT, posted(raw, "subject") or "", raw, origin)
