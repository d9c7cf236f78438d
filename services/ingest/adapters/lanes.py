"""分道 — ranges of partitions, each published by one relay at a time."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lane:
    """A range of partitions, both ends included."""

    number: int
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def lanes(count: int, partitions: int) -> list[Lane]:
    """Return so many lanes that together hold every partition once.

    >>> lanes(2, 12)
    [Lane(number=0, first=0, last=5), Lane(number=1, first=6, last=11)]
    """
    edges = [partitions * n // count for n in range(count + 1)]
    return [Lane(n, edges[n], edges[n + 1] - 1) for n in range(count)]
