"""看着收 — whoever waits is told how far a file is: the lines read, then the facts stored."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from services.ingest.domain.books import Books, Inbox
from services.ingest.domain.fact import Fact, Identity
from services.ingest.domain.naming import Named, masked
from services.ingest.domain.progress import STEP, Progress, Stage, Watch
from services.ingest.domain.source import Context
from shared.kernel.trading_day import Calendar


@dataclass(frozen=True)
class Watched:
    """One file under somebody's eyes."""

    named: Named
    watch: Watch

    def context(self, calendar: Calendar, data: bytes) -> Context:
        """Return what its rows are read against, which tells how many were read."""
        of = None if self.named.name.endswith(".xlsx") else data.count(b"\n") + 1
        self._tell(Stage.READING, 0, of)
        return Context(calendar, self.named.day, lambda rows: self._tell(Stage.READING, rows, of))

    def books(self, books: Books) -> Books:
        """Return the books whose inbox tells how many facts were stored."""
        self._tell(Stage.RECORDING, 0)
        inbox = _Inbox(books.inbox, lambda facts: self._tell(Stage.RECORDING, facts))
        return replace(books, inbox=inbox)

    def _tell(self, stage: Stage, done: int, of: int | None = None) -> None:
        self.watch(Progress(masked(self.named.name), stage, done, of))


class _Inbox:
    """See ``domain.books.Inbox``: an inbox that counts aloud."""

    def __init__(self, inbox: Inbox, told: Callable[[int], None]) -> None:
        self._inbox, self._told, self._done = inbox, told, 0

    async def store(self, facts: Sequence[Fact]) -> set[Identity]:
        fresh: set[Identity] = set()
        for start in range(0, len(facts), STEP):
            part = facts[start : start + STEP]
            fresh |= await self._inbox.store(part)
            self._done += len(part)
            self._told(self._done)
        return fresh

    async def silence(self, identities: Iterable[Identity]) -> None:
        await self._inbox.silence(identities)

    async def rewrite(self, facts: Iterable[Fact]) -> None:
        await self._inbox.rewrite(facts)
