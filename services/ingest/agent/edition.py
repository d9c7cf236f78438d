"""What a file's handler is told, and what it answers."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.ingest.agent.sealing import Blind, Sealer
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.fact import Fact
from services.ingest.domain.normalise import Edition
from services.ingest.domain.rehearsal import NEVER, Rehearsal
from services.ingest.domain.rows import Bad, Good, Unreadable
from services.ingest.domain.tally import FILES_ALONE, Tally
from shared.kernel.trading_day import TradingDay
from shared.observability.metrics import RECORDS_ACCEPTED, RECORDS_REFUSED


@dataclass(frozen=True)
class Taking:
    """One file, or one batch of rows, being taken.

    ``day``: its own, else the newest closed, else the clock's. ``blind``: None when no index key
    is configured. ``kind``: whose rows they are, where one handler takes several kinds. ``whole``:
    every line could be read; else what has no row may stand in one that could not. ``unread``: the
    accounts of such lines, where at least that could be read. ``rehearsal``: when rows that are
    told as they come are an exchange test's. ``tally``: what adds up to lots and fees.
    ``history``: such rows are of the past, and raise nothing.
    """

    broker: str
    day: TradingDay | None
    version: int
    now: datetime
    sealer: Sealer
    blind: Blind | None = None
    kind: str = ""
    whole: bool = True
    unread: frozenset[str] = frozenset()
    rehearsal: Rehearsal = NEVER
    tally: Tally = FILES_ALONE
    history: bool = False

    @property
    def edition(self) -> Edition:
        """The version of its day; raises ``Unreadable`` when no trading day is known at all."""
        if self.day is None:
            raise Unreadable("no trading day is known for it: the calendar has ended")
        return Edition(self.day, self.version)


@dataclass
class Findings:
    """What came of the rows: facts stored by type, rows that contradict, notes for the record.

    ``changed``: the lines of a directory file that said something new.
    """

    stored: Counter[str] = field(default_factory=Counter)
    bad: list[Bad] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)


Handler = Callable[[Books, Taking, Sequence[Good[Any]]], Awaitable[Findings]]


async def store(books: Books, facts: Sequence[Fact]) -> Counter[str]:
    """Store facts and count the new ones by type."""
    fresh = await books.inbox.store(facts)
    return Counter(_new_types(facts, fresh))


def _new_types(facts: Sequence[Fact], fresh: set[Any]) -> Iterable[str]:
    return (fact.type for fact in facts if fact.identity in fresh)


def next_version(entries: Mapping[str, Entry], name: str) -> int:
    """Return the number of an entry's next change, from 1: A, B, A again are three."""
    return entries[name].version + 1 if name in entries else 1


def count_rows(stored: Mapping[str, int], bad: int) -> None:
    """Count, for the metrics, the facts that are stored and the rows that were refused."""
    RECORDS_REFUSED.labels("row").inc(bad)
    for type_, number in stored.items():
        RECORDS_ACCEPTED.labels(type_).inc(number)
