"""Dead letters as they lie in Kafka, and a desk at which they are redriven."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from services.ingest.adapters.excel import parse
from services.ingest.adapters.file_drop import FileDrop
from services.ingest.adapters.kept_files import KeptFiles
from services.ingest.agent.dropping import Dropping
from services.ingest.agent.letter_case import Order
from services.ingest.agent.redriving import Redriving
from services.ingest.agent.refiling import Refiling
from services.ingest.domain.admission import Gate
from services.ingest.domain.fact import Fact
from services.ingest.domain.redrives import Desk, Done, Fate
from services.ingest.domain.rehearsal import NEVER
from shared.kernel.trading_day import CHINA, Calendar, china
from shared.streams.deadletters import Letter, letter, letter_of
from shared.streams.publish import Record
from tests.kit.ingest import BROKER, CIPHER, FakeBooks
from tests.kit.ingest_broker import Broker

_OFFSETS = itertools.count()


def lying(fact: Fact) -> Letter:
    """Return a letter of ingest's as Kafka has it."""
    told = [(name, text.encode()) for name, text in (fact.headers or {}).items()]
    return _lying(fact.topic, fact.key.encode(), fact.body, told)


def buried(topic: str, key: str, value: bytes, offset: int = 7) -> Letter:
    """Return a letter as a consumer buries a record."""
    origin = {"origin-topic": topic, "origin-partition": "3", "origin-offset": str(offset)}
    made = letter(topic, key.encode(), value, {**origin, "reason": "unreadable"})
    return _lying(made.topic, made.key, made.value, list(made.headers))


def _lying(topic: str, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]) -> Letter:
    at = int(datetime(2026, 6, 1, 10, tzinfo=CHINA).timestamp() * 1000)
    record = SimpleNamespace(topic=topic, partition=3, offset=next(_OFFSETS), timestamp=at)
    return letter_of(SimpleNamespace(**vars(record), key=key, value=value, headers=headers))


class Desks:
    """The books of a broker and the lines of what was redriven; nothing stays of what raises."""

    def __init__(self, folder: Path) -> None:
        self.books, self.lines = FakeBooks(), list[Done]()
        self.sent = list[Record]()
        self.rehearsal = NEVER
        self.broker = Broker(self.books.open)
        self.calendar = china()
        self.folder, self.seconds = folder, 0.0
        self.drop = FileDrop(folder, 1.0, lambda: self.seconds)
        self.sweeper = Dropping(self.drop, self.broker.intake)
        self.restart()

    def restart(self, calendar: Calendar | None = None) -> None:
        """Begin another command, by another calendar if one is given."""
        self.calendar = calendar or self.calendar
        self.refiling = Refiling(KeptFiles(self.folder), self.calendar, parse, CIPHER)

    async def redrive(self, letter: Letter, **order: object) -> tuple[Fate, str]:
        redriving = Redriving(
            Gate(BROKER, self.calendar, ticks=True),
            self.broker.clock,
            self.open,
            self.refiling,
            self._send,
            self.rehearsal,
        )
        return await redriving.redrive(letter, Order("ops", **order))  # type: ignore[arg-type]

    def letters(self) -> list[Letter]:
        """Return the letters of ingest's, the oldest first."""
        return [lying(fact) for fact in self.books.now.letters()]

    async def sweep(self) -> int:
        """Let the drop folder rest, and sweep it."""
        self.drop.at_rest()
        self.seconds += 1.0
        return await self.sweeper.sweep()

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    async def _send(self, records: Sequence[Record]) -> None:
        self.sent += records

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Desk]:
        before = list(self.lines)
        try:
            async with self.books.open() as books:
                yield Desk(books, _Lines(self))
        except BaseException:
            self.lines = before
            raise


class _Lines:
    def __init__(self, desks: Desks) -> None:
        self._desks = desks

    async def hold(self) -> None:
        return None

    async def times(self, letter: str) -> int:
        went = [line for line in self._desks.lines if line.fate is Fate.REDRIVEN]
        return sum(line.letter == letter for line in went)

    async def write(self, done: Done) -> None:
        self._desks.lines.append(done)
