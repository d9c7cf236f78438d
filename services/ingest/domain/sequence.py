"""序号 — the numbers a source gives its records: what is missing, and what came late.

A source counts by one. A number beyond the next one leaves a gap; a number within a gap is late and
narrows it; 0 or 1 again, with a record that is new, is a source that began to count anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

Range = tuple[int, int]
"""First and last number that are missing, both included."""

MOST_RANGES: Final = 100  # of one source: the oldest beyond are counted and forgotten


@dataclass(frozen=True, slots=True)
class Track:
    """How far a source has counted: from ``first`` to ``last``, without what is ``missing``.

    ``gaps``: how many were ever noticed; ``late``: how many records came behind a higher number.
    """

    first: int
    last: int
    missing: tuple[Range, ...] = ()
    gaps: int = 0
    late: int = 0

    @property
    def absent(self) -> int:
        """How many numbers are missing now."""
        return sum(last - first + 1 for first, last in self.missing)


def follow(track: Track | None, numbers: Iterable[int]) -> Track | None:
    """Return the track after new records, in their order.

    >>> follow(None, [1, 2, 5, 4, 6])
    Track(first=1, last=6, missing=((3, 3),), gaps=1, late=1)
    """
    for number in numbers:
        track = _step(track, number)
    return track


def _step(track: Track | None, number: int) -> Track:
    if track is None or (number <= track.last and _begins_anew(track, number)):
        gaps, late = (track.gaps, track.late) if track else (0, 0)
        return Track(number, number, (), gaps, late)
    if number == track.last + 1:
        return replace(track, last=number)
    if number > track.last:
        missing = (*track.missing, (track.last + 1, number - 1))[-MOST_RANGES:]
        return replace(track, last=number, missing=missing, gaps=track.gaps + 1)
    first = min(track.first, number)
    missing = tuple(rest for gap in track.missing for rest in _without(gap, number))
    return replace(track, first=first, missing=missing, late=track.late + 1)


def _begins_anew(track: Track, number: int) -> bool:
    """A 1 that belongs before the 2 that came first, or into a gap, is only late."""
    within = any(first <= number <= last for first, last in track.missing)
    return number <= 1 and not within and track.first != number + 1


def _without(gap: Range, number: int) -> Iterable[Range]:
    first, last = gap
    if not first <= number <= last:
        return (gap,)
    parts = ((first, number - 1), (number + 1, last))
    return tuple(part for part in parts if part[0] <= part[1])
