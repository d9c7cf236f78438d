"""The pure fold, asked once: whoever asks the same again is given the same answer.

The fates of one story ask it the same question time and again. The question is all that the fold
may look at: the rules, the clock, the records, and each account as it is in memory, zones and all.
What it answers of anything is what ``tests/unit/mot`` is about; here it is who asks, and when.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import msgspec

from services.mot.agent import Batch
from services.mot.domain.account import Account
from services.mot.folding import AsRecorded
from services.mot.partition import Partition, Record
from services.mot.rulebook import Book

MOST = 20_000  # answers are kept
LISTS = ("alerts", "letters", "failures", "days")
_text = msgspec.json.Encoder().encode


class Answer(NamedTuple):
    """What came of it, and what the partition was after it."""

    batch: Batch
    accounts: dict[str, Account]
    clock: str
    unsaved: set[str] | None


class Said(NamedTuple):
    """An alert as it stands in the log of alerts."""

    value: bytes

    def encode(self) -> bytes:
        """Return its bytes."""
        return self.value


class Once:
    """``AsRecorded`` with a memory that all of a process's workers share."""

    _known: ClassVar[dict[Any, Answer]] = {}

    def __init__(self, book: Book) -> None:
        self._book, self._fold = book, AsRecorded(book)

    def __call__(self, mine: Partition, records: Sequence[Record]) -> Batch:
        """Return what the fold says, and leave the partition as it leaves it."""
        whole = Batch()
        for record in records:
            one = self._one(mine, record)
            for name in LISTS:
                getattr(whole, name).extend(getattr(one, name))
            whole.touched |= one.touched
            whole.watched += one.watched
            whole.repeated += one.repeated
        return whole

    def _one(self, mine: Partition, record: Record) -> Batch:
        unsaved = None if mine.unsaved is None else frozenset(mine.unsaved)
        accounts = _text(mine.accounts)
        rules = self._book.resolve(mine.rules).stamp
        asked = rules, mine.rules, mine.number, mine.clock, unsaved, accounts, record
        known = self._known.get(asked)
        if known is None:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[asked] = self._answer(mine, record)
        batch, after, mine.clock, saved = known
        mine.accounts = dict(after)
        mine.unsaved = None if saved is None else set(saved)
        return batch

    def _answer(self, mine: Partition, record: Record) -> Answer:
        batch = self._fold(mine, [record])
        alerts: list[Any] = [Said(alert.encode()) for alert in batch.alerts]
        unsaved = None if mine.unsaved is None else set(mine.unsaved)
        return Answer(replace(batch, alerts=alerts), dict(mine.accounts), mine.clock, unsaved)
