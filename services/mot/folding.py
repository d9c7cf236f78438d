"""mot's own fold: each record of a partition is read, and watched by the rules. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.mot.agent import Batch
from services.mot.domain.account import EMPTY, changed
from services.mot.domain.events import BROADCAST, DayClosed, TradingEvent
from services.mot.domain.reading import Unreadable, read
from services.mot.domain.watch import Origin, Rules, concerned, key_of, watch
from services.mot.partition import Closing, Letter, Partition, Record
from services.mot.rulebook import Book


@dataclass(frozen=True)
class Watching:
    """mot's own fold: each record is read and watched by the rules."""

    rules: Rules

    def __call__(self, mine: Partition, records: Sequence[Record]) -> Batch:
        """Fold the records; the batch says what they did."""
        batch = Batch()
        for record in records:
            self._fold(mine, record, batch)
        return batch

    def _fold(self, mine: Partition, record: Record, batch: Batch) -> None:
        try:
            event = read(record.key, record.value)
        except Unreadable as error:
            batch.letters.append(Letter(record, error))
            _mark_incomplete(mine, record, batch)
            return
        if event is None:
            return
        if isinstance(event, BROADCAST):
            self._broadcast(mine, record.offset, event, batch)
            return
        key = key_of(event)
        account = mine.accounts.get(key, EMPTY)
        if event.sequence is not None and event.sequence <= account.sequence:
            batch.repeated += 1
            return
        origin = Origin(key, mine.number, record.offset)
        self._watch(mine, event, origin, batch, event.sequence)

    def _broadcast(self, mine: Partition, offset: int, event: TradingEvent, batch: Batch) -> None:
        if event.sequence is not None and event.sequence <= mine.clock:
            batch.repeated += 1
            return
        mine.clock = event.sequence or mine.clock
        for key in list(concerned(event, mine.accounts, mine.number)):
            self._watch(mine, event, Origin(key, mine.number, offset), batch)
        if isinstance(event, DayClosed):
            batch.days.append(_closing(mine, event, offset))
        else:
            batch.ticked = True

    def _watch(
        self,
        mine: Partition,
        event: TradingEvent,
        origin: Origin,
        batch: Batch,
        sequence: str | None = None,
    ) -> None:
        """``sequence``: of the account's own event."""
        before = mine.accounts.get(origin.key, EMPTY)
        done = watch(before, event, self.rules, origin)
        after = done.account if sequence is None else changed(done.account, sequence=sequence)
        if after is not before:
            mine.accounts[origin.key] = batch.touched[origin.key] = after
            if mine.unsaved is not None:
                mine.unsaved.add(origin.key)
        if done.alerts:
            batch.alerts += done.alerts
        if done.failures:
            batch.failures += [failed.rule for failed in done.failures]
        batch.watched += 1


@dataclass(frozen=True)
class AsRecorded:
    """mot's fold by the rules that each partition's checkpoint has recorded."""

    book: Book

    def __call__(self, mine: Partition, records: Sequence[Record]) -> Batch:
        """Fold the records; the batch says what they did."""
        return Watching(self.book.resolve(mine.rules).rules)(mine, records)


def _closing(mine: Partition, event: DayClosed, offset: int) -> Closing:
    """Take down the accounts that have changed since the last day's close, as they are now."""
    keys = mine.accounts if mine.unsaved is None else mine.unsaved
    states = [(key, mine.accounts[key]) for key in sorted(keys)]
    mine.unsaved = set()
    return Closing(event, mine.number, offset, mine.clock, mine.rules, states)


def _mark_incomplete(mine: Partition, record: Record, batch: Batch) -> None:
    """Until its next settlement the account is known to miss a record."""
    key = (record.key or b"").decode(errors="replace")
    account = mine.accounts.get(key)
    if account is not None:
        mine.accounts[key] = batch.touched[key] = changed(account, incomplete=True)
        if mine.unsaved is not None:
            mine.unsaved.add(key)
