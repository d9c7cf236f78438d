"""拒收过多 — when a source is stopped instead of burying everything that it tells. Pure.

One bad record is a bad record. When many are refused, and a large part of all, then the source or a
contract is broken: more dead letters tell nothing new, and somebody must look.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

MINUTE = timedelta(minutes=1)


class RefusalLimit(BaseModel):
    """Beyond both ``refused`` records and ``share`` of all in ``minutes`` a source is stopped.

    It is stopped for as many minutes, or until an operator lets it on. A file with more bad rows
    than both ``file_rows`` and ``file_share`` of it is refused whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    refused: PositiveInt = 500
    share: float = Field(default=0.5, gt=0, le=1)
    minutes: PositiveInt = 10
    file_rows: PositiveInt = 100
    file_share: float = Field(default=0.5, gt=0, le=1)

    @property
    def window(self) -> timedelta:
        return self.minutes * MINUTE

    def whole_file(self, good: int, bad: int) -> bool:
        """Say whether a file is refused for its bad rows."""
        return bad > self.file_rows and bad > self.file_share * (good + bad)


class Stop(NamedTuple):
    """A source that is not taken from until a moment; ``refused`` of ``seen`` made it so."""

    source: str
    since: datetime
    until: datetime
    refused: int
    seen: int

    def __str__(self) -> str:
        return f"too many refused: {self.refused} of {self.seen} records"


class _Count(NamedTuple):
    minute: datetime
    seen: int
    refused: int


@dataclass(frozen=True)
class Tally:
    """What one source told in the last minutes, and how much of it was refused."""

    counts: tuple[_Count, ...] = field(default=())

    def noted(self, seen: int, refused: int, at: datetime, window: timedelta) -> "Tally":
        """Return it with some more records; what is older than the window is forgotten."""
        minute = at.replace(second=0, microsecond=0)
        kept = [count for count in self.counts if count.minute > at - window]
        if kept and kept[-1].minute == minute:
            last = kept.pop()
            seen, refused = last.seen + seen, last.refused + refused
        return Tally((*kept, _Count(minute, seen, refused)))

    def stop(self, source: str, limit: RefusalLimit, at: datetime) -> Stop | None:
        """Return the stop when it is beyond the limit."""
        seen, refused = _sum(self.counts)
        if refused <= limit.refused or refused <= limit.share * seen:
            return None
        return Stop(source, at, at + limit.window, refused, seen)


def _sum(counts: Iterable[_Count]) -> tuple[int, int]:
    held = list(counts)
    return sum(count.seen for count in held), sum(count.refused for count in held)
