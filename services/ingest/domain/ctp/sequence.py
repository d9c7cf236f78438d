"""续传 — how far a sequenced stream was taken on one trading day, and which numbers are missing.

The inbox drops what is told twice; this says where to go on after a crash, and makes a loss seen.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

MOST_GAPS = 100  # a front that numbers with holes by design must not grow a row for ever

Gap = tuple[int, int]
"""Missing numbers, both ends included."""


class Fate(StrEnum):
    """What a number is to its stream: the next, one after a gap, one that fills a gap, a repeat."""

    NEXT = "next"
    AHEAD = "ahead"
    LATE = "late"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Progress:
    """``first`` to ``last`` were seen, except ``gaps`` (ascending). Nothing seen: both 0.

    Where a front begins to count is not known: before the first number seen there is no gap.
    """

    first: int = 0
    last: int = 0
    gaps: tuple[Gap, ...] = ()

    @property
    def resume_after(self) -> int:
        """The number after which to ask again: before the first gap, so that it may be filled."""
        return self.gaps[0][0] - 1 if self.gaps else self.last

    @property
    def missing(self) -> int:
        """How many numbers of it were never seen."""
        return sum(end - begin + 1 for begin, end in self.gaps)


def step(before: Progress, number: int) -> tuple[Progress, Fate]:
    """Return what is known after a number, and what the number was.

    >>> after, fate = step(Progress(1, 5), 8)
    >>> after.gaps, fate.value
    (((6, 7),), 'ahead')
    >>> step(after, 6)
    (Progress(first=1, last=8, gaps=((7, 7),)), <Fate.LATE: 'late'>)
    """
    if not before.last:
        return Progress(number, number), Fate.NEXT
    if number == before.last + 1:
        return replace(before, last=number), Fate.NEXT
    if number > before.last:
        gaps = (*before.gaps, (before.last + 1, number - 1))[-MOST_GAPS:]
        return replace(before, last=number, gaps=gaps), Fate.AHEAD
    if number < before.first:
        between = ((number + 1, before.first - 1),) if number + 1 < before.first else ()
        gaps = (*between, *before.gaps)[-MOST_GAPS:]
        return replace(before, first=number, gaps=gaps), Fate.LATE
    return _within(before, number)


def _within(before: Progress, number: int) -> tuple[Progress, Fate]:
    for begin, end in before.gaps:
        if begin <= number <= end:
            left = tuple(
                gap for gap in ((begin, number - 1), (number + 1, end)) if gap[0] <= gap[1]
            )
            at = before.gaps.index((begin, end))
            gaps = (*before.gaps[:at], *left, *before.gaps[at + 1 :])
            return replace(before, gaps=gaps), Fate.LATE
    return before, Fate.KNOWN


class Places(Protocol):
    """How far each sequenced stream was taken, written beside what was taken from it."""

    async def of(self, stream: str, day: date) -> Progress:
        """Recall a stream's progress on a trading day; nothing seen when there is none."""

    async def write(self, stream: str, day: date, progress: Progress) -> None:
        """Write a stream's progress."""
