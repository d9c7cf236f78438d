"""补录 — files of past days are taken as history: everything they tell is marked as such.

mot folds it and says nothing. No day is closed by it: what a day's end would judge is long over.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from services.ingest.agent.history import of_the_past
from services.ingest.agent.taking import Intake, Outcome
from services.ingest.domain.books import Books, OpenBooks
from services.ingest.domain.naming import Named, Unused, recognise
from services.ingest.domain.profiles.fields import DIRECTORY
from services.ingest.domain.rows import Unreadable

NOTHING_CLOSES: Final = frozenset({"backfill"})
"""A kind that no file has."""
_NOW = "says what is so now and tells no past day: leave it in the drop folder"
_NO_DAY = "its name carries no trading day: give it one, such as _20260601 before the ending"
_UNKNOWN = "rename it, or describe it by a profile in INGEST_PROFILES"


@dataclass(frozen=True)
class Backfill:
    """Takes the files of a range of days.

    ``waiting`` counts the records before Kafka; no file is taken while there are more than
    ``most_waiting``, so that live ones do not wait long behind history.
    """

    intake: Intake
    waiting: Callable[[], Awaitable[int]]
    most_waiting: int = 20_000
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def take(self, path: Path) -> Outcome:
        """Take one file, when the relay has caught up; what is in already is known."""
        while await self.waiting() > self.most_waiting:
            await self.pause(0.5)
        data = await asyncio.to_thread(path.read_bytes)
        return await self.intake.take(path.name, data)


def as_history(intake: Intake) -> Intake:
    """Return an intake whose facts are all marked as history."""
    marking = _marking(intake.open_books)
    return replace(intake, open_books=marking, closing=NOTHING_CLOSES, history=True)


class Chosen(NamedTuple):
    """The files of a range of days, and each file that is of no day: its name, why, what to do."""

    paths: list[Path]
    left: list[tuple[str, str]]


def of_days(paths: Iterable[Path], first: date, last: date, intake: Intake) -> Chosen:
    """Choose the files of a range of days, of every kind, in the order they are to be taken.

    None is passed over in silence: only a file of another day, or one of CFMMC's that nobody uses,
    is left without a word.
    """
    ours: list[tuple[date, int, str, Path]] = []
    left: list[tuple[str, str]] = []
    for path in sorted(paths):
        try:
            named = recognise(path.name, intake.calendar, intake.profiles)
        except Unused:
            continue
        except Unreadable as failure:
            left.append((path.name, f"{failure}: {_UNKNOWN}"))
            continue
        if named.source.handler in DIRECTORY or named.day is None:
            left.append((path.name, _remedy(named)))
        elif first <= named.day <= last:
            ours.append((named.day, named.source.order, named.name, path))
    return Chosen([path for *_, path in sorted(ours)], left)


def _remedy(named: Named) -> str:
    return _NOW if named.source.handler in DIRECTORY else _NO_DAY


def _marking(open_books: OpenBooks) -> OpenBooks:
    @contextlib.asynccontextmanager
    async def marked() -> AsyncIterator[Books]:
        async with open_books() as books:
            yield of_the_past(books)

    return marked
