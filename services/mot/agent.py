"""The shell around ``watch``: recall the partition, fold a batch, publish, then remember.

Alerts are acknowledged by Kafka before the checkpoint is written, so a crash between the two repeats
them with the same ids and bytes, and consumers drop them.
"""  # noqa: E501

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.mot.domain.account import Account
from services.mot.partition import (
    Advance,
    Burials,
    Chronicle,
    Closing,
    Fetched,
    Letter,
    NoChronicle,
    Partition,
    Record,
)
from services.mot.rulebook import Book
from shared.contracts.alerts import AlertEvent


@dataclass
class Batch:
    """What a batch of records did: alerts and dead letters to publish, accounts to write.

    ``ticked``: the clock's minute was among them.
    """

    alerts: list[AlertEvent] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    touched: dict[str, Account] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    days: list[Closing] = field(default_factory=list)
    watched: int = 0
    ticked: bool = False
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
    """Carries a partition's batches from the log to the checkpoint.

    ``book`` knows the rules that should be in force; a fold that needs none has none.
    """

    fold: Fold
    publish: Publish
    remember: Remember
    limit: LetterLimit = LetterLimit()
    book: Book | None = None
    chronicle: Chronicle = field(default_factory=NoChronicle)

    async def apply(self, mine: Partition, came: Fetched) -> Batch:
        """Fold the records behind the watermark, publish what they raise, then move it."""
        if came.last <= mine.offset:
            return Batch()
        if came.first > mine.offset + 1:
            raise Gap(f"partition {mine.number}: offsets {mine.offset} to {came.first}")
        fresh = came.records
        if came.first <= mine.offset:
            fresh = [record for record in fresh if record.offset > mine.offset]
        await self._adopt(mine)
        batch = self.fold(mine, fresh)
        burials = self.limit.after(mine.burials, len(fresh), len(batch.letters))
        if batch.alerts or batch.letters:
            await self.publish(mine.number, batch.alerts, batch.letters)
        if batch.days:
            await self.chronicle.closed(batch.days)
        done = Advance(mine.offset + 1, came.last, mine.clock, mine.rules, burials)
        await self.remember(mine, done, batch.touched)
        mine.offset, mine.burials = came.last, burials
        return batch

    async def _adopt(self, mine: Partition) -> None:
        """Let newer rules watch the next record on, once a checkpoint has recorded them.

        What a former owner may have watched already is left to the rules it had.
        """
        stamp = self.book.latest.stamp if self.book else mine.rules
        if mine.rules == stamp or (mine.rules and mine.offset + 1 < mine.seen):
            return
        await self.chronicle.applied(stamp, mine.number, mine.offset)
        nothing = Advance(mine.offset + 1, mine.offset, mine.clock, stamp, mine.burials)
        await self.remember(mine, nothing, {})
        mine.rules = stamp
