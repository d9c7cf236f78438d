"""Accounts made again from the log: the same fold, by the rules in force at each offset. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.mot.agent import Batch
from services.mot.domain.account import EMPTY
from services.mot.domain.stored import state_of, state_text
from services.mot.folding import Watching
from services.mot.memories import key_of_memory
from services.mot.partition import Partition, Record
from services.mot.rulebook import Rulebook, stamp_of
from shared.contracts.alerts import AlertEvent
from shared.contracts.states import STATES, DayMemory, DayRemembered, RulesApplied


@dataclass
class Past:
    """What ``mot.state.v1`` tells of one partition, read in its order.

    ``states``: key → state, as they were behind the last complete day's close at ``offset`` (−1:
    there was none) with the clock's sequence there. ``before``: later closes do not count.
    """

    before: int | None = None
    offset: int = -1
    clock: str = ""
    states: dict[str, str] = field(default_factory=dict)
    _coming: dict[str, str] = field(default_factory=dict)
    _rules: list[tuple[int, str]] = field(default_factory=list)

    def take(self, raw: bytes) -> None:
        """Learn one record. States count once their day is complete."""
        event = STATES.validate_json(raw)
        if isinstance(event, RulesApplied):
            self._rules.append((event.data.after, stamp_of(event.data.rules)))
        elif self.before is not None and event.data.offset >= self.before:
            return
        elif isinstance(event, DayRemembered):
            self._close(event.data)
        else:
            self._coming[key_of_memory(event.data)] = event.data.state

    @property
    def told(self) -> int:
        """Return the offset below which all is surely told: it was kept after its alerts."""
        return max([self.offset, *(after for after, _ in self._rules)]) + 1

    def rules(self) -> "Stamps":
        """Return the rules' stamps; of several said of one offset the last one holds."""
        return Stamps(dict(sorted(self._rules, key=lambda said: said[0])))

    def partition(self, number: int, keys: Iterable[str] | None = None) -> Partition:
        """Return the partition as it was remembered, with all accounts or some."""
        wanted = self.states.keys() if keys is None else self.states.keys() & set(keys)
        accounts = {key: state_of(self.states[key]) for key in self.states if key in wanted}
        return Partition(number, self.offset, self.clock, accounts)

    def _close(self, day: DayMemory) -> None:
        self.offset, self.clock = day.offset, day.clock
        self.states.update(self._coming)
        self._coming.clear()
        if day.rules:
            self._rules.append((day.offset, stamp_of(day.rules)))


class Stamps:
    """Which stamp holds at which offset."""

    def __init__(self, after: dict[int, str]) -> None:
        self._after, self._stamps = sorted(after), after

    def at(self, offset: int) -> str:
        """Return the stamp of the rules that watch the record at ``offset``; empty: unknown."""
        index = bisect_left(self._after, offset) - 1
        return self._stamps[self._after[index]] if index >= 0 else ""


@dataclass(frozen=True)
class Refold:
    """Folds records by the rules that were in force at each; the file's where none is known."""

    book: Rulebook
    stamps: Stamps

    def __call__(self, mine: Partition, record: Record) -> Batch:
        """Fold one record; the partition is behind it then."""
        stamp = self.stamps.at(record.offset)
        rules = self.book.resolve(stamp) if stamp else self.book.base
        mine.rules = rules.stamp
        batch = Watching(rules.rules)(mine, [record])
        mine.offset = record.offset
        return batch


class Retraced(NamedTuple):
    """An account before the last of its records, and what that one raised."""

    before: str
    alerts: list[AlertEvent]


def retrace(refold: Refold, mine: Partition, key: str, records: Sequence[Record]) -> Retraced:
    """Fold an account's records, the last one apart."""
    for record in records[:-1]:
        refold(mine, record)
    before = state_text(mine.accounts.get(key, EMPTY))
    return Retraced(before, refold(mine, records[-1]).alerts)


def concerns(key: bytes | None, subject: bytes) -> bool:
    """Say whether a record of the log is of the account, or of all accounts."""
    return key is None or key == subject or b":" not in key
