"""What is right: the workload done once, record by record, without any engine."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bench.log import Lane
from bench.workloads.work import Work


class Told(NamedTuple):
    """An alert and the record that made it: the record's offset, its key's how-manieth it was."""

    offset: int
    key: str | None
    nth: int
    identity: str


class Reference:
    """Folds as far as somebody asks, and remembers; the lanes repeat for ever.

    ``broadcasts``: whether events that concern everybody are told to everybody.
    """

    def __init__(self, work: Work, lanes: Sequence[Lane], broadcasts: bool = True) -> None:
        self._work, self._lanes, self._broadcasts = work, lanes, broadcasts
        self._states: list[dict[str, Any]] = [{} for _ in lanes]
        self._counts: list[Counter[str]] = [Counter() for _ in lanes]
        self._told: list[list[Told]] = [[] for _ in lanes]
        self._done = [0 for _ in lanes]

    def at(self, positions: Mapping[int, int]) -> Counter[str]:
        """Return the alerts of all records before these offsets."""
        return Counter(told.identity for _, told in self.told(positions))

    def told(self, positions: Mapping[int, int]) -> Iterator[tuple[int, Told]]:
        """Yield them with their lane, in order each."""
        for number, end in positions.items():
            self._fold_to(number, end)
            yield from ((number, told) for told in self._told[number] if told.offset < end)

    def of(self, counts: Mapping[str, int]) -> Counter[str]:
        """Return the alerts of each key's first so many records."""
        for number, lane in enumerate(self._lanes):
            while not self._reached(number, counts):
                self._fold_to(number, self._done[number] + max(1, len(lane) // 10))
        told = (told for lane in self._told for told in lane)
        return Counter(t.identity for t in told if t.nth <= counts.get(t.key or "", 0))

    def _reached(self, number: int, counts: Mapping[str, int]) -> bool:
        keys = {(key or b"").decode() for key, _ in self._lanes[number]} if self._lanes else set()
        seen = self._counts[number]
        return all(seen[key] >= counts.get(key, 0) for key in keys)

    def _fold_to(self, number: int, end: int) -> None:
        lane, told = self._lanes[number], self._told[number]
        for offset in range(self._done[number], end):
            key, value = lane[offset % len(lane)]
            told.extend(self._one(number, offset, key, value))
        self._done[number] = max(self._done[number], end)

    def _one(self, number: int, offset: int, raw: bytes | None, value: bytes) -> Iterator[Told]:
        work, states = self._work, self._states[number]
        key, event = work.parse(raw, value)
        nth = 0
        if key is not None:
            states[key], alerts = work.step(states.get(key), event)
            self._counts[number][key] += 1
            nth = self._counts[number][key]
        else:
            alerts = work.broadcast(states, event) if self._broadcasts else []
        for alert in alerts:
            yield Told(offset, key, nth, work.identity(alert))


class Totals:
    """W1's sums, added up apart from the fold: what an account's first so many come to."""

    def __init__(self, lanes: Sequence[Lane], parse: Any) -> None:
        self._sums: dict[str, list[int]] = {}
        for lane in lanes:
            for key, value in lane:
                account, event = parse(key, value)
                sums = self._sums.setdefault(account, [0])
                sums.append(sums[-1] + event.amt)

    def of(self, account: str, count: int) -> int:
        """Return the sum of the first ``count`` amounts; the log repeats for ever."""
        sums = self._sums[account]
        rounds, rest = divmod(count, len(sums) - 1)
        return rounds * sums[-1] + sums[rest]
