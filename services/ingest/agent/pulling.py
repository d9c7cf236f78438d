"""拉数据库 — a broker's table is read behind its mark; facts and mark are one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from services.ingest.agent.edition import Findings, Taking, count_rows
from services.ingest.agent.guarding import Gatekeeper, OpenGate
from services.ingest.agent.history import of_the_past
from services.ingest.agent.pull_letters import bad_row, passed_over
from services.ingest.agent.taking import HANDLERS, Intake
from services.ingest.agent.witnessing import Change, witness
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.fact import OWN_SOURCES, Fact, Identity, digest
from services.ingest.domain.profiles.mapping import Mapper
from services.ingest.domain.profiles.record import Record
from services.ingest.domain.pulled_rows import Rows, parted, read_rows
from services.ingest.domain.pulls import (
    Mark,
    Place,
    back,
    decode,
    encode,
    mark_of,
    moment_of,
    since_of,
)
from services.ingest.domain.rows import Bad, Reading
from services.ingest.domain.source import Context
from shared.contracts.topics import ACCOUNT
from shared.observability.logging import logger
from shared.observability.metrics import EVENT_LAG, PULLED_ROWS
from shared.observability.sources import source_label


class Overtaken(RuntimeError):
    """Another replica has taken a batch of the same pull meanwhile: begin again where it stands."""


class Pulled(Protocol):
    """A broker's table."""

    async def after(self, mark: Mark | None) -> Sequence[Record]:
        """Return the next batch behind a mark."""


@dataclass(frozen=True)
class Pull:
    """What is pulled, by which profile. ``overlap``: how far back each round begins.

    ``live_from``: the first trading day whose rows are news, else that of the first batch.
    """

    name: str
    mapper: Mapper
    watermark: str
    key: str
    overlap: int
    batch: int
    live_from: date | None = None


@dataclass
class Pulling:
    """Pulls one table. ``place``: where it stands, as far as this replica knows.

    While ``guard`` has it stopped it stands where it is, and goes on from there. So it does in a
    rehearsal when its rows would settle a real day; rows that are told as they come are marked.
    Rows of days before it was connected are history: they are kept, and alert nobody.
    """

    pull: Pull
    table: Pulled
    intake: Intake
    place: Place = field(default_factory=Place)
    guard: Gatekeeper = field(default_factory=OpenGate)

    async def round(self) -> int:
        """Take everything from the mark (and a little before it) on; return how many were new."""
        self.place = await self._recall()
        fresh, mark = 0, back(self.place.mark, self.pull.overlap)
        while not self.stopped and (rows := await self.table.after(mark)):
            mark = mark_of(rows[-1][self.pull.watermark], rows[-1][self.pull.key])
            fresh += await self._take(rows, self.place.moved(mark))
            if len(rows) < self.pull.batch:
                break
        return fresh

    @property
    def stopped(self) -> bool:
        """Say whether too much of it was refused, or a rehearsal keeps it waiting."""
        rehearsal, told_as = self.intake.rehearsal, f"{OWN_SOURCES}{self.pull.mapper.profile.name}"
        waits = rehearsal.on(self.intake.clock.now()) or told_as in rehearsal.sources
        return (self.settles and waits) or self.guard.stopped(self.source) is not None

    @property
    def settles(self) -> bool:
        """Say whether its rows say what is final, and not what happens."""
        return not self.pull.mapper.profile.kind.live

    @property
    def source(self) -> str:
        """What the guard knows it by."""
        return f"pull:{self.pull.name}"

    async def _recall(self) -> Place:
        async with self.intake.open_books() as books:
            return await self._recorded(books)

    async def _recorded(self, books: Books) -> Place:
        entries = await books.directory.entries("pulls", [self.pull.name])
        entry = entries.get(self.pull.name)
        if entry is None:
            return Place()
        return Place(entry.version, decode(entry.body), since_of(entry.body))

    async def _take(self, rows: Sequence[Record], after: Place) -> int:
        profile = self.pull.mapper.profile
        async with self.intake.open_books() as books:
            await books.files.hold()
            if await self._recorded(books) != self.place:
                raise Overtaken(self.pull.name)
            fresh = await self._fresh(books, rows)
            reading = self._read([row for row in fresh if not self._rehearsed(row)])
            after = replace(after, since=self._since())
            taking = await self.intake.taking(books, None, after.batches)
            taking = replace(taking, kind=profile.name)
            found = await self._tell(
                books, taking, parted(profile.takes, reading.good, after.since)
            )
            bad = [*reading.bad, *found.bad]
            await books.inbox.store(self._letters(bad, fresh))
            entry = Entry(after.batches, encode(after.mark, after.since))
            await books.directory.write("pulls", {self.pull.name: entry})
            if fresh:
                await books.heard.note([self.source], live=False)
                trace_id = digest([self.source, after.batches])
                change = Change(self.source, profile.takes, trace_id, profile.name)
                good = len(reading.good) - len(found.bad)
                counts = {"good": good, "refused": len(bad), "told": found.stored.total()}
                await witness(books, taking.now, change, counts)
        self.place = after
        count_rows(found.stored, len(bad))
        self._lag(fresh)
        PULLED_ROWS.labels(self.pull.name).inc(len(reading.good) + len(reading.bad))
        await self.guard.note(self.source, len(reading.good) + len(reading.bad), len(bad))
        return sum(found.stored.values())

    def _since(self) -> date | None:
        """Return from which trading day on rows are news; a pull may be older than the question."""
        if self.pull.live_from or self.place.batches:
            return self.pull.live_from or self.place.since
        return self.intake.today()

    async def _tell(self, books: Books, taking: Taking, rows: tuple[Rows, Rows]) -> Findings:
        """Hand the rows over: what is over first, then what is news."""
        handler, (past, live) = HANDLERS[self.pull.mapper.profile.takes], rows
        if not past:
            return await handler(books, taking, live)
        found = await handler(of_the_past(books), replace(taking, history=True), past)
        news = await handler(books, taking, live)
        return Findings(found.stored + news.stored, [*found.bad, *news.bad])

    async def _fresh(self, books: Books, rows: Sequence[Record]) -> list[Record]:
        """Return the rows that were never read; each is known by its mark from now on.

        Without it an older state of an account, met again in the overlap, would be told as news.
        """
        names = [self._identity(row) for row in rows]
        seen = [Fact(name, ACCOUNT.name, name.source, "pulled", b"{}") for name in names]
        fresh = await books.inbox.store(seen)
        await books.inbox.silence(fresh)
        return [row for name, row in zip(names, rows, strict=True) if name in fresh]

    def _lag(self, rows: Sequence[Record]) -> None:
        """The batch's longest, where the watermark is a moment."""
        moments = (moment_of(row[self.pull.watermark]) for row in rows)
        if oldest := min((moment for moment in moments if moment), default=None):
            late = (self.intake.clock.now() - oldest).total_seconds()
            EVENT_LAG.labels(source_label(self.source)).observe(max(0.0, late))

    def _identity(self, row: Record) -> Identity:
        mark = mark_of(row[self.pull.watermark], row[self.pull.key])
        return Identity(f"{OWN_SOURCES}pull/{self.pull.name}", digest(mark))

    def _read(self, rows: Sequence[Record]) -> Reading[Any]:
        context = Context(self.intake.calendar, None)
        reading, ancient = read_rows(self.pull.mapper, rows, context)
        if ancient:
            logger().warning("rows before the calendar", pull=self.pull.name, count=ancient)
        return reading

    def _rehearsed(self, row: Record) -> bool:
        return self.settles and self.intake.rehearsal.wrote(row[self.pull.watermark])

    def _letters(self, bad: Sequence[Bad], fresh: Sequence[Record]) -> list[Fact]:
        name, takes = self.pull.name, self.pull.mapper.profile.takes
        letters = [bad_row(name, takes, row, self.intake.sealer) for row in bad]
        marks = [str(row[self.pull.watermark]) for row in fresh if self._rehearsed(row)]
        return letters + passed_over(name, marks)
