"""查阅 — what people may look up of what ingest knows, and the trail that each look leaves."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from shared.contracts.customers import Customer
from shared.contracts.staff import Staff
from shared.kernel.audit import Link, Sought, Trail


class FilePlace(NamedTuple):
    """Where a page of files ends: the next one begins behind it, however many came meanwhile."""

    taken_at: datetime
    kind: str
    scope: str
    version: int


@dataclass(frozen=True)
class TakenFile:
    """One file that is in: how many rows of it were good and how many bad."""

    place: FilePlace
    name: str
    day: date | None
    good: int
    bad: int


class Records(Protocol):
    """One transaction of looking up; ``trail`` is written before its end."""

    @property
    def trail(self) -> Trail: ...

    async def client_of(self, account: str) -> Customer | None:
        """Recall whose account it is."""

    async def with_phone(self, entries: Sequence[str]) -> Sequence[Customer]:
        """Recall the clients whose phone has one of these blind indexes, by customer id."""

    async def people(self) -> Sequence[Staff]:
        """Recall the broker's people."""

    async def files(self, after: FilePlace | None, kind: str | None, most: int) -> list[TakenFile]:
        """Recall a page of files, newest first."""

    async def audit(self, sought: Sought) -> Sequence[Link]:
        """Recall a page of the audit, newest first."""


OpenRecords = Callable[[], AbstractAsyncContextManager[Records]]
"""Opens one transaction: what the trail says is durable at its end (``StoresAway``)."""
