"""重投簿 — what became of the dead letters that somebody sent back, and when."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.ingest.domain.books import Books


class Fate(StrEnum):
    """What became of a letter."""

    REDRIVEN = "redriven"
    ALREADY = "already"
    PLANNED = "planned"
    REFUSED = "refused"
    READ = "read"
    OPENED = "opened"
    RESUMED = "resumed"


@dataclass(frozen=True)
class Done:
    """The audit line of a redrive: never a value of the letter."""

    letter: str
    place: str
    at: datetime
    actor: str
    fate: Fate
    detail: str


class Redrives(Protocol):
    """What was redriven, appended to and never changed."""

    async def hold(self) -> None:
        """Be the only one that redrives, to the end of the transaction."""

    async def times(self, letter: str) -> int:
        """Count how often a letter went back."""

    async def write(self, done: Done) -> None:
        """Append a line."""


@dataclass(frozen=True)
class Desk:
    """One transaction over ingest's books and the redrives."""

    books: Books
    redrives: Redrives


OpenDesk = Callable[[], AbstractAsyncContextManager[Desk]]
"""Opens one transaction: committed at its end, forgotten when it raises."""
