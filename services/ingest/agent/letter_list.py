"""死信清单 — a page of the letters, the newest first, and how many there are for each reason."""

import heapq
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

from shared.streams.deadletters import Letter

_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|-?\d+(?:[-.:/]\d+)*")
LONGEST = 100  # characters of a kind of reason


@dataclass(frozen=True)
class Wanted:
    """Which letters: those whose reason holds some text, at most so many, before a place in time.

    ``before``: the last letter of the page before this one.
    """

    reason: str = ""
    limit: int = 50
    before: Letter | None = None


@dataclass
class Listing:
    """``page``: the newest first; ``counts``: kind of reason → letters, of all that were wanted."""

    page: list[Letter] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.counts.total()


async def listing(letters: AsyncIterator[Letter], wanted: Wanted) -> Listing:
    """Read the letters to their end and keep one page of them."""
    made = Listing()
    newest: list[tuple[tuple[datetime, str, int, int], Letter]] = []
    edge = rank(wanted.before) if wanted.before else None
    async for letter in letters:
        if not matches(letter, wanted.reason):
            continue
        made.counts[kind_of(letter.reason)] += 1
        if edge is None or rank(letter) < edge:
            heapq.heappush(newest, (rank(letter), letter))
            if len(newest) > wanted.limit:
                heapq.heappop(newest)
    made.page = [letter for _, letter in sorted(newest, key=lambda item: item[0], reverse=True)]
    return made


def matches(letter: Letter, reason: str) -> bool:
    """Say whether a letter's reason holds some text, whatever its case."""
    return reason.casefold() in letter.reason.casefold()


def kind_of(reason: str) -> str:
    """Return a reason without the values in it, so that alike ones are counted together.

    >>> kind_of("data.trading_day: 2027-01-04 is outside calendar xshg-4.13.2")
    'data.trading_day: … is outside calendar xshg…'
    """
    return _VALUES.sub("…", reason)[:LONGEST]


def rank(letter: Letter) -> tuple[datetime, str, int, int]:
    """Return what orders letters: time, then place."""
    place = letter.place
    return letter.at, place.topic, place.partition, place.offset
