"""进度 — how far the taking of one file is, for a person who waits. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

STEP = 2000  # rows or facts from one telling to the next


class Stage(StrEnum):
    """What is done with the file; each begins at nothing."""

    READING = "reading"  # done: lines
    RECORDING = "recording"  # done: facts stored, known ones among them


@dataclass(frozen=True)
class Progress:
    """``name``: masked. ``of``: how many there will be; None: nobody knows yet."""

    name: str
    stage: Stage
    done: int
    of: int | None = None

    @property
    def percent(self) -> int | None:
        """Return 0 to 100; None: nobody knows."""
        return min(100, 100 * self.done // self.of) if self.of else None


Watch = Callable[[Progress | None], None]
"""Is told how far a file is; None: it is over, one way or the other."""


def unwatched(progress: Progress | None) -> None:
    """Tell nobody."""
