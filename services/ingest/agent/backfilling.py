"""补录 — files of past days are taken as history: everything they tell is marked as such.

mot folds it and says nothing. No day is closed by it: what a day's end would judge is long over.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from services.ingest.agent.taking import Intake, Outcome
from services.ingest.domain.books import Books, Inbox, OpenBooks
from services.ingest.domain.fact import Fact, Identity
from services.ingest.domain.naming import recognise, taking_order
from services.ingest.domain.rows import Unreadable
from shared.kernel.trading_day import Calendar

NOTHING_CLOSES: Final = frozenset({"backfill"})
"""A kind that no file has."""
_LIVE, _HISTORY = b'"backfill":false', b'"backfill":true'


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
    return replace(intake, open_books=_marking(intake.open_books), closing=NOTHING_CLOSES)


def of_days(paths: Sequence[Path], first: date, last: date, calendar: Calendar) -> list[Path]:
    """Return the dated files of a range of days, in the order they are to be taken."""

    def within(path: Path) -> bool:
        try:
            named = recognise(path.name, calendar)
        except Unreadable:
            return False
        return named.source.dated and named.day is not None and first <= named.day <= last

    ours = [path for path in paths if within(path)]
    return sorted(ours, key=lambda path: taking_order(path.name, calendar))


def _marking(open_books: OpenBooks) -> OpenBooks:
    @contextlib.asynccontextmanager
    async def marked() -> AsyncIterator[Books]:
        async with open_books() as books:
            yield replace(books, inbox=_History(books.inbox))

    return marked


class _History(Inbox):
    """An inbox to which everything is history. A name in quotes cannot stand inside a text."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def store(self, facts: Sequence[Fact]) -> set[Identity]:
        return await self._inbox.store([_history(fact) for fact in facts])

    async def silence(self, identities: Iterable[Identity]) -> None:
        await self._inbox.silence(identities)

    async def rewrite(self, facts: Iterable[Fact]) -> None:
        await self._inbox.rewrite([_history(fact) for fact in facts])


def _history(fact: Fact) -> Fact:
    if fact.headers is not None:
        return fact
    return fact._replace(body=fact.body.replace(_LIVE, _HISTORY, 1))
