"""The pure fold, asked once: whoever asks the same again is given the same answer.

The fates of one story ask it the same question time and again. The question is all that the fold
may look at: the record, the versions of the rules that listen to it, the clock, and each account as
it is in memory, zones and all. What it answers of anything is what ``tests/unit/mot`` is about;
here it is who asks, and when. ``test_simulator`` asks both with and without this memory.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from services.mot.agent import Batch
from services.mot.domain.account import Account
from services.mot.domain.events import DayClosed
from services.mot.domain.reading import read
from services.mot.folding import AsRecorded
from services.mot.partition import Partition, Record
from services.mot.rulebook import Book, InForce
from tests.sim import kept

MOST = 5_000  # answers are kept: those of some stories


class Answer(NamedTuple):
    """What came of it, what the partition was after it; and the accounts ``before`` it.

    A question names the accounts by identity: it stands for them as long as they are kept here.
    """

    batch: Batch
    accounts: dict[str, Account]
    clock: str
    unsaved: frozenset[str] | None
    before: tuple[Account, ...]


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
        rules = self._book.resolve(mine.rules)
        asked = _question(mine, tuple(records), f"{mine.rules} {rules.stamp}")
        known = self._known.get(asked)
        if known is None:
            before = tuple(mine.accounts.values())
            whole = Batch()
            for record in records:
                _add(whole, self._one(mine, record, rules))
            known = self._keep(asked, _answer(whole, mine, before))
        return _left(mine, known)

    def _one(self, mine: Partition, record: Record, rules: InForce) -> Batch:
        """Return what it says of one record: other rules may have been asked the same."""
        asked = _question(mine, record, _watched_by(rules, mine.rules, record))
        known = self._known.get(asked)
        if known is None:
            before = tuple(mine.accounts.values())
            batch = self._fold(mine, [record])
            mine.accounts = {key: kept.one(account) for key, account in mine.accounts.items()}
            touched = {key: mine.accounts[key] for key in batch.touched}
            alerts: list[Any] = [Said(alert.encode()) for alert in batch.alerts]
            batch = replace(batch, alerts=alerts, touched=touched)
            known = self._keep(asked, _answer(batch, mine, before))
        return _left(mine, known)

    def _keep(self, asked: Any, answer: Answer) -> Answer:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[asked] = answer
        return answer


def _question(mine: Partition, records: Any, watched_by: str) -> tuple[Any, ...]:
    unsaved = None if mine.unsaved is None else frozenset(mine.unsaved)
    accounts = mine.accounts
    whose = (*accounts, *map(id, accounts.values()))
    return records, watched_by, mine.number, mine.clock, unsaved, whose


def _answer(batch: Batch, mine: Partition, before: tuple[Account, ...]) -> Answer:
    unsaved = None if mine.unsaved is None else frozenset(mine.unsaved)
    return Answer(batch, dict(mine.accounts), mine.clock, unsaved, before)


def _left(mine: Partition, known: Answer) -> Batch:
    """Leave the partition as the fold has left it."""
    mine.accounts, mine.clock = dict(known.accounts), known.clock
    mine.unsaved = None if known.unsaved is None else set(known.unsaved)
    return known.batch


def _add(whole: Batch, one: Batch) -> None:
    whole.alerts += one.alerts
    whole.letters += one.letters
    whole.failures += one.failures
    whole.days += one.days
    whole.touched |= one.touched
    whole.watched += one.watched
    whole.ticked |= one.ticked
    whole.repeated += one.repeated


@lru_cache(maxsize=1_000)
def _kind(key: bytes | None, value: bytes | None) -> type[Any]:
    """Return what a record is; of a story's records there is none that mot does not watch."""
    return type(read(key, value))


_listening: dict[tuple[str, type[Any]], str] = {}


def _watched_by(rules: InForce, recorded: str, record: Record) -> str:
    """Return the versions of the rules that listen; a day's close names the stamp in its record."""
    kind = _kind(record.key, record.value)
    if kind is DayClosed:
        return f"{recorded} {rules.stamp}"
    known = _listening.get((rules.stamp, kind))
    if known is None:
        if len(_listening) >= MOST:
            _listening.clear()
        detectors = rules.rules.detectors.items()
        versions = [f"{name}:{one.version}" for name, one in detectors if kind in one.listens_to]
        known = _listening[rules.stamp, kind] = " ".join(versions)
    return known
