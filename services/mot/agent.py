"""The shell around ``watch``: recall the partition, fold a batch, publish, then remember.

Alerts are acknowledged by Kafka before the checkpoint is written, so a crash between the two repeats
them with the same ids and bytes, and consumers drop them.
"""  # noqa: E501

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.mot.domain.account import EMPTY, Account, changed
from services.mot.domain.events import ClockTicked, DayClosed, TradingEvent
from services.mot.domain.reading import Unreadable, read
from services.mot.domain.watch import Origin, Rules, Watched, concerned, key_of, watch
from services.mot.partition import Advance, Burials, Fetched, Letter, Partition, Record
from shared.contracts.alerts import AlertEvent


@dataclass
class Batch:
    """What a batch of records did: alerts and dead letters to publish, accounts to write."""

    alerts: list[AlertEvent] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    touched: dict[str, Account] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    watched: int = 0
    repeated: int = 0


class Gap(RuntimeError):
    """The log has lost records that this worker has not seen: going on would hide it."""


class TooManyLetters(RuntimeError):
    """Nearly everything is unreadable: a broken producer or contract, not a bad record."""


@dataclass(frozen=True)
class LetterLimit:
    """When dead letters stop the worker instead of burying the log one record after another.

    One bad record is a bad record. More than ``letters`` of a partition's last records, and more
    than ``share`` of them, is a producer or a contract that is broken: every account would be marked
    incomplete and no alert raised, so a person must look. ``records`` is the memory: about that
    many, at most twice as many. It is kept with the watermark, so a restart does not forget it.
    """  # noqa: E501

    letters: int = 50
    share: float = 0.1
    records: int = 1_000

    def after(self, before: Burials, records: int, letters: int) -> Burials:
        """Return the count after a batch; raise when it is beyond the limit."""
        seen, buried = before.records + records, before.letters + letters
        if letters and buried > self.letters and buried > self.share * seen:
            raise TooManyLetters(
                f"{buried} of the last {seen} records cannot be read: find who wrote them; to bury"
                " them all the same, raise MOT_DEAD_LETTERS__LETTERS until they are past"
            )
        while seen > 2 * self.records:
            seen, buried = seen // 2, buried // 2
        return Burials(seen, buried)


Remember = Callable[[Partition, Advance, Mapping[str, Account]], Awaitable[None]]
Fold = Callable[[Partition, Sequence[Record]], Batch]
"""Folds records into a partition's accounts, in order, and says what comes of it; no I/O."""


class Publish(Protocol):
    """Sends a partition's alerts and dead letters, and returns once Kafka has them."""

    async def __call__(
        self, partition: int, alerts: Sequence[AlertEvent], letters: Sequence[Letter]
    ) -> None: ...


@dataclass(frozen=True)
class Watcher:
    """Carries a partition's batches from the log to the checkpoint."""

    fold: Fold
    publish: Publish
    remember: Remember
    limit: LetterLimit = LetterLimit()

    async def apply(self, mine: Partition, came: Fetched) -> Batch:
        """Fold the records behind the watermark, publish what they raise, then move it."""
        if came.last <= mine.offset:
            return Batch()
        if came.first > mine.offset + 1:
            raise Gap(f"partition {mine.number}: offsets {mine.offset} to {came.first}")
        fresh = came.records
        if came.first <= mine.offset:
            fresh = [record for record in fresh if record.offset > mine.offset]
        batch = self.fold(mine, fresh)
        burials = self.limit.after(mine.burials, len(fresh), len(batch.letters))
        if batch.alerts or batch.letters:
            await self.publish(mine.number, batch.alerts, batch.letters)
        done = Advance(mine.offset + 1, came.last, mine.clock, mine.rules, burials)
        await self.remember(mine, done, batch.touched)
        mine.offset, mine.burials = came.last, burials
        return batch


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
        if isinstance(event, ClockTicked | DayClosed):
            self._broadcast(mine, record.offset, event, batch)
            return
        key = key_of(event)
        account = mine.accounts.get(key, EMPTY)
        if event.sequence is not None and event.sequence <= account.sequence:
            batch.repeated += 1
            return
        self._watch(mine, event, Origin(key, mine.number, record.offset), batch)

    def _broadcast(self, mine: Partition, offset: int, event: TradingEvent, batch: Batch) -> None:
        if event.sequence is not None and event.sequence <= mine.clock:
            batch.repeated += 1
            return
        mine.clock = event.sequence or mine.clock
        for key in list(concerned(event, mine.accounts, mine.number)):
            self._watch(mine, event, Origin(key, mine.number, offset), batch)

    def _watch(self, mine: Partition, event: TradingEvent, origin: Origin, batch: Batch) -> None:
        before = mine.accounts.get(origin.key, EMPTY)
        done: Watched = watch(before, event, self.rules, origin)
        after = done.account
        if not isinstance(event, ClockTicked | DayClosed) and event.sequence is not None:
            after = changed(after, sequence=event.sequence)
        if after is not before:
            mine.accounts[origin.key] = batch.touched[origin.key] = after
        if origin.offset >= mine.silent_until:
            batch.alerts += done.alerts
        batch.failures += [failed.rule for failed in done.failures]
        batch.watched += 1


def _mark_incomplete(mine: Partition, record: Record, batch: Batch) -> None:
    """Until its next settlement the account is known to miss a record."""
    key = (record.key or b"").decode(errors="replace")
    account = mine.accounts.get(key)
    if account is not None:
        mine.accounts[key] = batch.touched[key] = changed(account, incomplete=True)
