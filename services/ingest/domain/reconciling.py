"""差异 — what was told by day against what the day's files settle, kept for people to read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from services.ingest.domain.conflation import Kept
from services.ingest.domain.sequence import Track
from shared.kernel.trading_day import TradingDay


class Kind(StrEnum):
    """What can differ."""

    MATCHED = "matched"  # movements that stream and file both told
    ONLY_STREAM = "only-in-stream"  # told live, taken back by the file
    ONLY_FILE = "only-in-file"  # told by the file alone
    BALANCE = "balance"  # the last snapshot's figure against the settled one
    LOTS = "lots"  # 手: the trades that a stream told against the settled ones
    LATE = "late"  # records of a day that was closed
    GAP = "gap"  # numbers of a source that are missing


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a day's report.

    ``what``: direction, figure, type or source; ``told`` and ``settled`` in 元 for money, else
    counts or numbers.
    """

    day: date
    kind: Kind
    account: str | None
    what: str
    told: str | None
    settled: str | None


@dataclass(frozen=True, slots=True)
class Late:
    """A record of a day that was closed already."""

    day: TradingDay
    account: str
    type: str
    id: str


class StateName(NamedTuple):
    """What a snapshot is of: an account's funds, or one of its holdings, on one trading day."""

    day: date
    name: str
    account: str


class Reconciliation(Protocol):
    """What was told by day, for the comparison with the files."""

    async def tracks(self, sources: Iterable[str]) -> Mapping[str, Track]:
        """Recall how far these sources have counted, and keep them to ourselves to the end."""

    async def write_tracks(self, tracks: Mapping[str, Track]) -> None:
        """Write how far sources have counted."""

    async def states(self, names: Iterable[StateName]) -> Mapping[StateName, Kept]:
        """Recall the newest snapshots, and keep them to ourselves to the end."""

    async def write_states(self, states: Mapping[StateName, Kept]) -> None:
        """Write the newest snapshots."""

    async def due(self, now: datetime) -> Mapping[StateName, Kept]:
        """Recall the snapshots that are held since the one told is a minute older than ``now``."""

    async def closed_among(self, days: Iterable[date]) -> set[date]:
        """Recall which of these days are closed."""

    async def told_of(self, day: date) -> set[str]:
        """Recall the accounts of which money, a trade, a holding or a balance of a day was told."""

    async def note_late(self, late: Sequence[Late]) -> None:
        """Write records of closed days."""

    async def draw_up(self, day: TradingDay) -> Mapping[Kind, int]:
        """Write a closed day's differences, instead of those written before; count them."""

    async def of(self, day: date) -> Sequence[Difference]:
        """Recall a day's differences."""
