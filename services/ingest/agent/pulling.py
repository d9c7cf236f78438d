"""拉数据库 — a broker's table is read behind its mark; facts and mark are one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from services.ingest.agent.burying import SEALED_ROW
from services.ingest.agent.edition import count_rows
from services.ingest.agent.guarding import Gatekeeper, OpenGate
from services.ingest.agent.taking import HANDLERS, Intake
from services.ingest.agent.witnessing import Change, witness
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.fact import OWN_SOURCES, Fact, Identity, dead_letter, digest
from services.ingest.domain.profiles.fields import DIRECTORY
from services.ingest.domain.profiles.mapping import Mapper
from services.ingest.domain.profiles.record import Record, cells_of, raw_of
from services.ingest.domain.pulls import (
    Mark,
    Place,
    back,
    decode,
    encode,
    mark_of,
    moment_of,
)
from services.ingest.domain.rows import Bad, BadRow, Good, Reading
from services.ingest.domain.source import Context
from services.ingest.domain.sources import catalogue
from shared.contracts.topics import ACCOUNT
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
    """What is pulled, by which profile. ``overlap``: how far back each round begins."""

    name: str
    mapper: Mapper
    watermark: str
    key: str
    overlap: int
    batch: int

    @property
    def columns(self) -> frozenset[str]:
        columns = self.mapper.profile.columns.values()
        return frozenset(column.column.strip().lower() for column in columns) - {""}


@dataclass
class Pulling:
    """Pulls one table. ``place``: where it stands, as far as this replica knows.

    While ``guard`` has it stopped it stands where it is, and goes on from there. So it does in a
    rehearsal when its rows would settle a real day; rows that are told as they come are marked.
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
        return Place(entry.version, decode(entry.body)) if entry else Place()

    async def _take(self, rows: Sequence[Record], after: Place) -> int:
        profile = self.pull.mapper.profile
        async with self.intake.open_books() as books:
            await books.files.hold()
            if await self._recorded(books) != self.place:
                raise Overtaken(self.pull.name)
            fresh = await self._fresh(books, rows)
            reading = self._read([row for row in fresh if not self._rehearsed(row)])
            taking = await self.intake.taking(books, None, after.batches)
            taking = replace(taking, kind=profile.name)
            found = await HANDLERS[profile.takes](books, taking, reading.good)
            bad = [*reading.bad, *found.bad]
            letters = [self._letter(row) for row in bad]
            await books.inbox.store([*letters, *self._passed_over(fresh)])
            entry = Entry(after.batches, encode(after.mark))
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
        context, columns = Context(self.intake.calendar, None), self.pull.columns
        good: list[Good[Any]] = []
        bad: list[Bad] = []
        for number, row in enumerate(rows, 1):
            try:
                read = self.pull.mapper.read(cells_of(row, columns), context)
                good.append(Good(number, raw_of(row), read))
            except BadRow as failure:
                bad.append(Bad(number, raw_of(row), str(failure)))
        return Reading(tuple(good), tuple(bad))

    def _rehearsed(self, row: Record) -> bool:
        return self.settles and self.intake.rehearsal.wrote(row[self.pull.watermark])

    def _passed_over(self, rows: Sequence[Record]) -> list[Fact]:
        """Tell how many rows of a rehearsal were not taken; they stay in the broker's table."""
        marks = [str(row[self.pull.watermark]) for row in rows if self._rehearsed(row)]
        if not marks:
            return []
        name = self.pull.name
        reason = f"{len(marks)} rows of a rehearsal: they would settle a real day"
        origin = {"origin-pull": name, "reason": reason}
        return [dead_letter(ACCOUNT, f"pull/{name}", f"{marks[0]} – {marks[-1]}".encode(), origin)]

    def _letter(self, row: Bad) -> Fact:
        takes, name = self.pull.mapper.profile.takes, self.pull.name
        topic = catalogue()[takes].topic if takes in DIRECTORY else ACCOUNT
        origin = {"origin-pull": name, "reason": row.reason, "sealed": SEALED_ROW}
        sealed = self.intake.sealer.seal(row.raw.decode(), SEALED_ROW).encode()
        return dead_letter(topic, f"pull/{name}", sealed, origin)
