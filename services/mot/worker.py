"""What one mot process owns: its partitions, how it takes them over, and how it remembers."""

from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import NamedTuple

from services.mot.adapters.checkpoint import Checkpoints, Taken
from services.mot.agent import Fold, LetterLimit, Publish, Watcher
from services.mot.domain.account import Account
from services.mot.foresight import Foresight
from services.mot.lanes import Lanes
from services.mot.minutes import Minutes
from services.mot.partition import Advance, Chronicle, Fetched, Log, NoChronicle, Partition
from services.mot.rulebook import Book
from shared import collector
from shared.observability import metrics
from shared.observability.logging import logger

REBUILD = "run `guanchao mot rebuild`, which makes the state anew from the log, silently"


class StateLost(RuntimeError):
    """Kafka knows a commit that Valkey does not: starting would repeat alerts or miss them."""


class LogLost(RuntimeError):
    """The log has not what comes behind the watermark: going on would pass it over in silence."""


def begin(number: int, found: Taken, log: Log) -> int:
    """Return the watermark to go on from, or raise what a person must decide.

    No watermark and no commit: a first start, from the log's beginning. A commit ahead of the
    watermark: Valkey lost its last moments, and what is read again says the same things again.
    """
    if found.watermark is None:
        if log.commit is not None:
            raise StateLost(
                f"partition {number} was committed up to {log.commit} but Valkey has no state of"
                f" it: {REBUILD}"
            )
        return log.begin - 1
    following = found.watermark + 1
    if following < log.begin:
        raise LogLost(
            f"partition {number}: Kafka has deleted {following} to {log.begin - 1} before mot read"
            f" them: raise the topic's retention, then {REBUILD}"
        )
    if following > log.end:
        raise LogLost(
            f"partition {number}: the log ends at {log.end}, before the watermark"
            f" {found.watermark}: it was cut or made anew; find out why, then {REBUILD}"
        )
    if log.commit is not None and following < log.commit:
        metrics.ROLLBACKS.inc()
        logger().warning(
            "valkey lost its last moments; they are read again",
            partition=number,
            watermark=found.watermark,
            committed=log.commit,
        )
    return found.watermark


class Work(NamedTuple):
    """What is done with the records, and how many unreadable ones are too many.

    ``book``: the rules that should be in force, for a fold that follows them.
    """

    fold: Fold
    limit: LetterLimit = LetterLimit()
    book: Book | None = None
    chronicle: Chronicle = NoChronicle()


class Worker:
    """The partitions of this process, by number, with every account of theirs in memory.

    ``failed`` is told of anything unexpected and ends the process: no exception acknowledges.
    """

    def __init__(
        self,
        work: Work,
        checkpoints: Checkpoints,
        publish: Publish,
        failed: Callable[[Exception], None],
    ) -> None:
        self._checkpoints = checkpoints
        self._book = work.book
        self._watcher = Watcher(
            work.fold, publish, self._remember, work.limit, work.book, work.chronicle
        )
        self._foresight = Foresight()
        self._lanes = Lanes(self._apply, failed)
        self._taken: dict[int, Taken] = {}
        self._commits: dict[int, int] = {}
        self.minutes = Minutes()
        self.owned: dict[int, Partition] = {}
        self.ready = False

    async def take_over(self, logs: Mapping[int, Log]) -> Mapping[int, int]:
        """Own these partitions and no others; return the offset each one starts from."""
        self.keep(logs)
        if self._book is not None:
            await self._book.caught_up()
        for number, log in logs.items():
            found = await self._checkpoints.take_over(number, self._taken.get(number))
            self.owned[number] = _partition(number, found, begin(number, found, log), log.end)
            self._report_missing(number, found.rules)
            self._taken[number], self._commits[number] = found, log.commit or 0
        metrics.PARTITIONS_OWNED.set(len(self.owned))
        self.minutes.own(self.owned)
        collector.calm()
        self._lanes.open()
        return {number: mine.offset + 1 for number, mine in self.owned.items()}

    def _report_missing(self, number: int, stamp: str | None) -> None:
        """Say which recorded versions are nowhere: those in force take their place."""
        missing = self._book.resolve(stamp).missing if self._book and stamp else ()
        if missing:
            logger().warning("rule versions unknown", partition=number, versions=missing)

    def keep(self, numbers: Iterable[int]) -> None:
        """Forget every partition but these: memory is that of what is owned."""
        for number in self.owned.keys() - set(numbers):
            del self.owned[number], self._taken[number], self._commits[number]
        metrics.PARTITIONS_OWNED.set(len(self.owned))
        self.minutes.own(self.owned)
        self.ready = True

    async def settle(self) -> None:
        """Bring what is at work to its checkpoint, and begin nothing new."""
        await self._lanes.close()

    def put(self, batch: Fetched) -> None:
        """Take a batch, to be applied behind those of its partition."""
        self._lanes.put(batch)

    def room(self, partition: int) -> bool:
        """Say whether another batch of a partition may be fetched."""
        return self._lanes.room(partition)

    def done(self, partition: int) -> int | None:
        """Return the offset behind the watermark, unless Kafka's commit is there or ahead."""
        mine = self.owned.get(partition)
        if mine is None or mine.offset + 1 <= self._commits[partition]:
            return None
        return mine.offset + 1

    async def _apply(self, came: Fetched) -> None:
        mine = self.owned.get(came.partition)
        if mine is None:
            return  # revoked while the batch waited
        batch = await self._watcher.apply(mine, came)
        metrics.EVENTS_WATCHED.inc(batch.watched)
        metrics.EVENTS_REPEATED.inc(batch.repeated)
        if batch.ticked:
            self.minutes.heard(mine.number)
        if batch.days and self._book is not None:
            newest = max(closing.event.data.trading_day for closing in batch.days)
            self._foresight.look(newest, self._book.latest.rules)
        for rule in batch.failures:
            metrics.DETECTOR_FAILURES.labels(rule).inc()
            logger().warning("detector switched off for an account", rule=rule)

    async def _remember(
        self, mine: Partition, done: Advance, touched: Mapping[str, Account]
    ) -> None:
        began = perf_counter()
        taken = self._taken[mine.number]
        self._taken[mine.number] = await self._checkpoints.write(mine.number, taken, done, touched)
        metrics.CHECKPOINT_SECONDS.observe(perf_counter() - began)


def _partition(number: int, found: Taken, offset: int, end: int) -> Partition:
    return Partition(
        number=number,
        offset=offset,
        clock=found.clock,
        accounts=found.accounts,
        rules=found.rules or "",
        burials=found.burials,
        seen=end,
    )
