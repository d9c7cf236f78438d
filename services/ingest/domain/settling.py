"""对账 — a day's file settles what was told before it: the same movement twice is one fact."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from services.ingest.domain.movement import Key, Movement

T = TypeVar("T")


@dataclass(frozen=True)
class Settled:
    """What a day's file changes.

    ``fresh``: its rows that nobody has told; ``vouched``: movements it has rows for;
    ``reversed``: movements it takes back because it has no row for them.
    """

    fresh: tuple[tuple[Key, int], ...]
    vouched: tuple[Movement, ...]
    reversed: tuple[Movement, ...]


def settle(day: date, rows: Iterable[Key], standing: Iterable[Movement]) -> Settled:
    """Compare a day's rows with the movements that stand, as multisets.

    ``standing`` holds every standing movement of the rows' trading days and of ``day``, and those
    that an earlier version of the same day's file vouched for. ``fresh`` counts each key from 0.
    """
    mine, loose = _split(day, standing)
    wanted: dict[Key, int] = defaultdict(int)
    for key in rows:
        wanted[key] += 1
    fresh: list[tuple[Key, int]] = []
    vouched: list[Movement] = []
    reversed_: list[Movement] = []
    for key in dict.fromkeys([*wanted, *mine]):
        kept, dropped = _cut(mine.get(key, []), wanted[key])
        reversed_ += dropped
        found, left = _cut(loose.get(key, []), wanted[key] - len(kept))
        vouched += found
        loose[key] = left
        fresh += [(key, n) for n in range(wanted[key] - len(kept) - len(found))]
    unknown = [m for left in loose.values() for m in left if m.key.trading_day == day]
    return Settled(tuple(fresh), tuple(vouched), (*reversed_, *unknown))


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
