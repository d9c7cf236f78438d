"""日行 — the rows of a day's files that were told, so that a replacement tells the difference."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from services.ingest.domain.dealt import DayRow, Entry
from services.ingest.domain.tally import Sums


class Kept(NamedTuple):
    """A told row: what it said, and what it adds to its account's lots and fees (厘)."""

    name: str
    account: str
    lots: int
    fee: int
    content: str


class DayRows(Protocol):
    """The rows told, by trading day and kind of file."""

    async def of(
        self, day: date, kind: str, names: Sequence[str] | None = None
    ) -> Mapping[str, str]:
        """Recall name → content; ``names``: of these alone."""

    async def write(self, day: date, kind: str, rows: Sequence[Kept]) -> None:
        """Write rows, over those of the same names."""

    async def forget(self, day: date, kind: str, names: Sequence[str]) -> None:
        """Forget rows that are gone."""

    async def sums(self, day: date, kinds: Sequence[str]) -> Sums:
        """Add up lots and fees by account."""

    async def held_before(self, day: date, kind: str) -> set[str]:
        """Recall who held lots, or may have, on the newest earlier day of such a file."""


def unread(kind: str) -> str:
    """Return what accounts with an unreadable line of a kind are kept under, without content."""
    return f"{kind}?"


def kept(entries: Iterable[Entry]) -> list[Kept]:
    """Return what is to be written of rows that changed."""
    return [_kept(entry.name, entry.good.row, entry.content) for entry in entries]


def marks(accounts: Iterable[str]) -> list[Kept]:
    """Return what is to be written of accounts with a line that could not be read."""
    return [Kept(account, account, 0, 0, "") for account in sorted(accounts)]


def _kept(name: str, row: DayRow, content: str) -> Kept:
    lots, fee = row.counted
    return Kept(name, row.account, lots, fee, content)
