"""The shell around ``watch``: recall the partition, fold a batch, publish, then remember.

Alerts are acknowledged by Kafka before the checkpoint is written, so a crash between the two repeats
them with the same ids and bytes, and consumers drop them.
"""  # noqa: E501

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.mot.domain.account import EMPTY, Account, changed
from services.mot.domain.events import ClockTicked, DayClosed, TradingEvent
from services.mot.domain.reading import Unreadable, read
from services.mot.domain.watch import Origin, Rules, Watched, concerned, key_of, watch
from shared.contracts.alerts import AlertEvent


@dataclass
class Partition:
    """What this worker owns of one partition. ``offset`` is the watermark, −1 before the first."""

    number: int
    offset: int
    clock: str
    silent_until: int
    accounts: dict[str, Account]


@dataclass
class Batch:
    """What a batch of records did: alerts and dead letters to publish, accounts to write."""

    alerts: list[AlertEvent] = field(default_factory=list)
    letters: list[tuple[Any, Unreadable]] = field(default_factory=list)
    touched: dict[str, Account] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    watched: int = 0
    repeated: int = 0


class Gap(RuntimeError):
    """The log has lost records that this worker has not seen: going on would hide it."""


Remember = Callable[[Partition, int, Mapping[str, Account]], Awaitable[None]]


class Publish(Protocol):
    """Sends alerts and dead letters, and returns once Kafka has them."""

    async def __call__(
        self, alerts: Sequence[AlertEvent], letters: Sequence[tuple[Any, Unreadable]]
    ) -> None: ...


@dataclass(frozen=True)
class Watcher:
    """Runs ``watch`` over a partition's batches."""

    rules: Rules
    publish: Publish
    remember: Remember

    async def apply(self, mine: Partition, records: Sequence[Any]) -> Batch:
        """Fold the records behind the watermark, publish what they raise, then move it."""
        fresh = [record for record in records if record.offset > mine.offset]
        if not fresh:
            return Batch()
        if fresh[0].offset > mine.offset + 1:
            raise Gap(f"partition {mine.number}: offsets {mine.offset} to {fresh[0].offset}")
        batch = Batch()
        for record in fresh:
            self._fold(mine, record, batch)
        if batch.alerts or batch.letters:
            await self.publish(batch.alerts, batch.letters)
        await self.remember(mine, fresh[-1].offset, batch.touched)
        mine.offset = fresh[-1].offset
        return batch

    def _fold(self, mine: Partition, record: Any, batch: Batch) -> None:
        try:
            event = read(record.key, record.value)
        except Unreadable as error:
            batch.letters.append((record, error))
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
        for key in list(concerned(event, mine.accounts)):
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


def _mark_incomplete(mine: Partition, record: Any, batch: Batch) -> None:
    """Until its next settlement the account is known to miss a record."""
    key = (record.key or b"").decode(errors="replace")
    account = mine.accounts.get(key)
    if account is not None:
        mine.accounts[key] = batch.touched[key] = changed(account, incomplete=True)
