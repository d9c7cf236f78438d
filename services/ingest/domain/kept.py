"""所藏 — what is sealed in ingest's tables, as the re-sealing sees it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, NamedTuple, Protocol

from services.ingest.domain.books import Entry
from services.ingest.domain.fact import Fact

Held = Literal["customers", "staff"]


class SealedLetter(NamedTuple):
    """A dead letter whose value is personal; ``n`` its place in the inbox."""

    n: int
    value: str
    context: str


class Kept(Protocol):
    """What is sealed in ingest's tables, inside one transaction."""

    async def hold(self) -> None:
        """Keep files from being taken to the end of the transaction: both write the directory."""

    async def entries(self, register: Held, after: str, most: int) -> Mapping[str, Entry]:
        """Recall entries in the order of their names, behind ``after``."""

    async def write(self, register: Held, entries: Mapping[str, Entry]) -> None:
        """Write entries."""

    async def store(self, facts: Sequence[Fact]) -> None:
        """Store what is to be told."""

    async def letters(self, after: int, most: int) -> tuple[int, Sequence[SealedLetter]]:
        """Recall the sealed letters among so many records; return the last record looked at too."""

    async def write_letter(self, letter: SealedLetter) -> None:
        """Replace a letter's value."""


OpenKept = Callable[[], AbstractAsyncContextManager[Kept]]
"""Opens one transaction; raises ``StoresAway``."""
