"""取柜台记录 — a batch of a counter's records goes into the log, with how far it was taken.

``read`` decides once; ``store`` may be tried again until it is durable. What a crash forgets is
asked for again, and dropped under its identity.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.ingest.agent.live import tell
from services.ingest.domain.books import OpenBooks
from services.ingest.domain.ctp.desk import LIVE, Desk, Unused
from services.ingest.domain.ctp.holdings import Holdings
from services.ingest.domain.ctp.normalise import event_of, letter_of
from services.ingest.domain.ctp.records import Arrival, Stream
from services.ingest.domain.ctp.sequence import Fate, Progress, step
from services.ingest.domain.fact import Fact
from services.ingest.domain.rehearsal import NEVER, Rehearsal
from services.ingest.domain.rows import BadRow
from shared.clock import Clock, WallClock
from shared.contracts.stream import StreamEvent
from shared.observability.logging import logger
from shared.observability.metrics import (
    CTP_MISSING,
    CTP_RECORDS,
    CTP_SEQUENCE,
    EVENT_LAG,
    RECORDS_ACCEPTED,
    RECORDS_REFUSED,
)
from shared.observability.sources import source_label

SEQUENCED = (
    Stream.DEPOSIT,
    Stream.TRADE,
    Stream.ORDER,
    Stream.POSITION,
    Stream.PRE_ACCOUNT,
    Stream.NOTICE,
)
Place = tuple[Stream, date]


@dataclass
class Batch:
    """What a batch of records comes to. ``counts``: stream, what became of a record → how many.

    ``oldest``: stream → when the first of what is told of it happened.
    """

    events: list[StreamEvent] = field(default_factory=list)
    letters: list[Fact] = field(default_factory=list)
    places: dict[Place, Progress] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    oldest: dict[Stream, datetime] = field(default_factory=dict)
    counts: Counter[tuple[Stream, str]] = field(default_factory=Counter)


@dataclass
class Taking:
    """Takes one counter's records; memory: progress, and the parts of holdings.

    ``rehearsal``: when what it sends is one. A front that is for tests alone is the desk's matter.
    """

    desk: Desk
    open_books: OpenBooks
    rehearsal: Rehearsal = NEVER
    holdings: Holdings = field(default_factory=Holdings)
    places: dict[Place, Progress] = field(default_factory=dict)
    clock: Clock = field(default_factory=WallClock)

    async def resume(self, day: str) -> dict[Stream, int]:
        """Return after which number to ask for each stream of a front's day.

        Positions come in parts, so after a start of ours they are read from the day's beginning.
        """
        on = self.desk.day(day)
        first = not any(place[1] == on for place in self.places)
        if first:
            self.places = {}
            CTP_SEQUENCE.clear()
            self.holdings.forget_other_days(day)
        await self.recall({(stream, on) for stream in SEQUENCED})
        after = {stream: self.places[stream, on].resume_after for stream in SEQUENCED}
        return after | {Stream.POSITION: 0} if first else after

    async def recall(self, places: Iterable[Place]) -> None:
        """Remember how far these were taken; raises ``StoresAway``."""
        unknown = [place for place in places if place not in self.places]
        if not unknown:
            return
        async with self.open_books() as books:
            found = {
                (stream, day): await books.places.of(self.desk.heard_as(stream), day)
                for stream, day in unknown
            }
        self.places |= found
        _show(found)

    def places_of(self, arrivals: Iterable[Arrival]) -> set[Place]:
        """Return the places of the records that have one."""
        return {place for arrival in arrivals if (place := self._place(arrival))}

    def read(self, arrivals: Sequence[Arrival]) -> Batch:
        """Decide about every record, in order; their places must have been recalled."""
        batch = Batch()
        for arrival in arrivals:
            batch.heard.add(self.desk.heard_as(arrival.stream))
            fate = self._step(arrival, batch)
            try:
                became = self._event(arrival, fate, batch)
            except Unused as unused:
                became = str(unused)
            except BadRow as failure:
                RECORDS_REFUSED.labels("ctp").inc()
                batch.letters.append(letter_of(arrival, self.desk, str(failure)))
                became = "refused"
            batch.counts[arrival.stream, became] += 1
        batch.events = self.rehearsal.marked(batch.events)
        return batch

    async def store(self, batch: Batch) -> None:
        """Make a batch durable; raises ``StoresAway``, and then nothing of it is."""
        async with self.open_books() as books:
            new = await tell(books, batch.events, batch.letters, conflate=True)
            for (stream, day), progress in sorted(batch.places.items()):
                await books.places.write(self.desk.heard_as(stream), day, progress)
            if batch.heard:
                await books.heard.note({LIVE, *batch.heard})
        for event in new:
            RECORDS_ACCEPTED.labels(event.type).inc()
        for (stream, became), count in batch.counts.items():
            CTP_RECORDS.labels(self.desk.heard_as(stream), became).inc(count)
        self._lag(batch)
        _show(batch.places)

    def _lag(self, batch: Batch) -> None:
        """The batch's longest, for each stream."""
        now = self.clock.now()
        for stream, oldest in batch.oldest.items():
            late = max(0.0, (now - oldest).total_seconds())
            EVENT_LAG.labels(source_label(self.desk.heard_as(stream))).observe(late)

    def _place(self, arrival: Arrival) -> Place | None:
        try:
            return (arrival.stream, self.desk.day(arrival.trading_day)) if arrival.number else None
        except BadRow:
            return None

    def _step(self, arrival: Arrival, batch: Batch) -> Fate | None:
        place = self._place(arrival)
        if place is None:
            return None
        before = self.places[place]
        self.places[place], fate = step(before, arrival.number)
        batch.places[place] = self.places[place]
        if fate is Fate.AHEAD:
            lost = self.places[place].missing - before.missing
            CTP_MISSING.labels(self.desk.heard_as(arrival.stream)).inc(lost)
            logger().warning("numbers missing", stream=arrival.stream, count=lost)
        return fate

    def _event(self, arrival: Arrival, fate: Fate | None, batch: Batch) -> str:
        """Put what is to be told into the batch; return what became of the record."""
        if fate is Fate.KNOWN and arrival.stream is not Stream.POSITION:
            return "duplicate"
        event = event_of(arrival, self.desk, self.holdings)
        if fate is Fate.KNOWN:  # a part of a holding, read again: it is whole now
            return "duplicate"
        batch.events.append(event)
        batch.oldest[arrival.stream] = min(event.time, batch.oldest.get(arrival.stream, event.time))
        return "late" if fate is Fate.LATE else "taken"


def _show(places: dict[Place, Progress]) -> None:
    for (stream, day), progress in places.items():
        CTP_SEQUENCE.labels(stream, str(day)).set(progress.last)
