"""对账 — a day's file settles what was told before it: the same movement twice is one fact.

Some files show a movement that was reversed as two rows, out and in again. When the movement is
known to have been taken back, the two rows are that, and nothing is told.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from services.ingest.domain.movement import OPPOSITE, Key, Movement

T = TypeVar("T")


@dataclass(frozen=True)
class Settled:
    """What a day's file changes.

    ``fresh``: its rows that nobody has told; ``vouched``: movements it has rows for;
    ``reversed``: movements it takes back because it has no row for them; ``netted``: pairs of rows
    that show a movement and its reversal.
    """

    fresh: tuple[tuple[Key, int], ...]
    vouched: tuple[Movement, ...]
    reversed: tuple[Movement, ...]
    netted: int = 0


def settle(day: date, rows: Iterable[Key], known: Iterable[Movement]) -> Settled:
    """Compare a day's rows with the movements that stand, as multisets.

    ``known`` holds every movement of the rows' trading days and of ``day``, and those standing that
    an earlier version of the same day's file vouched for. ``fresh`` counts each key from 0.
    """
    movements = list(known)
    mine, loose = _split(day, (m for m in movements if m.standing))
    wanted: dict[Key, int] = defaultdict(int)
    for key in rows:
        wanted[key] += 1
    fresh: Counter[Key] = Counter()
    vouched: list[Movement] = []
    reversed_: list[Movement] = []
    for key in dict.fromkeys([*wanted, *mine]):
        kept, dropped = _cut(mine.get(key, []), wanted[key])
        reversed_ += dropped
        found, left = _cut(loose.get(key, []), wanted[key] - len(kept))
        vouched += found
        loose[key] = left
        fresh[key] = wanted[key] - len(kept) - len(found)
    netted = _net(fresh, Counter(m.key for m in movements if not m.standing))
    unknown = [m for left in loose.values() for m in left if m.key.trading_day == day]
    told = tuple((key, n) for key, count in fresh.items() for n in range(count))
    return Settled(told, tuple(vouched), (*reversed_, *unknown), netted)


def _net(fresh: Counter[Key], undone: Counter[Key]) -> int:
    """Take pairs of opposite rows out, as many as movements of either row were taken back."""
    netted = 0
    for key in [key for key in fresh if key.direction == "withdrawal"]:
        back = replace(key, direction=OPPOSITE[key.direction])
        pairs = min(fresh[key], fresh[back], undone[key] + undone[back])
        fresh[key] -= pairs
        fresh[back] -= pairs
        netted += pairs
    return netted


def _split(
    day: date, standing: Iterable[Movement]
) -> tuple[dict[Key, list[Movement]], dict[Key, list[Movement]]]:
    """Part what this day's file vouched for from what no file has a row for."""
    mine: dict[Key, list[Movement]] = defaultdict(list)
    loose: dict[Key, list[Movement]] = defaultdict(list)
    for movement in standing:
        if movement.vouched == day:
            mine[movement.key].append(movement)
        elif movement.vouched is None:
            loose[movement.key].append(movement)
    for movements in mine.values():  # both told it: the last to be dropped
        movements.sort(key=lambda m: m.origin == "file" and m.alias is None)
    return mine, loose


def _cut(items: list[T], count: int) -> tuple[list[T], list[T]]:
    return items[:count], items[count:]
