"""Kafka and Valkey as plain memory, and workers over mot's own shell that may die at any step."""

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from services.mot.adapters.checkpoint import Fenced
from services.mot.agent import Watcher
from services.mot.domain.account import Account
from services.mot.domain.stored import pack, unpack
from services.mot.partition import Advance, Fetched, Letter, Partition
from services.mot.rulebook import InForce, Rulebook
from shared.contracts.alerts import AlertEvent
from shared.contracts.trading import TradingEvent
from tests.sim.once import Once, Said

PARTITION = 0
T = TypeVar("T")


class Record(NamedTuple):
    """A record as the fold sees it."""

    offset: int
    key: bytes | None
    value: bytes
    timestamp: int = 0
    headers: tuple[Any, ...] = ()


class Crash(StrEnum):
    """Where in a batch the worker dies."""

    BEFORE_PUBLISH = "before publish"
    AMID_PUBLISH = "amid publish"
    BEFORE_CHECKPOINT = "before checkpoint"
    AFTER_CHECKPOINT = "after checkpoint"


class Died(Exception):
    """The process is gone."""


class Kept(NamedTuple):
    """What Valkey holds; immutable, so that an older one can be put back."""

    epoch: int = 0
    offset: int = -1
    clock: str = ""
    rules: str = ""
    accounts: Mapping[str, bytes] = {}


@dataclass
class Valkey:
    """The state and the checks of ``checkpoint.lua``, with the last few states it had."""

    now: Kept = field(default_factory=Kept)
    before: list[Kept] = field(default_factory=list)

    def take_over(self) -> Kept:
        self._keep(self.now._replace(epoch=self.now.epoch + 1))
        return self.now

    def write(self, seen: Kept, done: Advance, touched: Mapping[str, Account]) -> Kept:
        """Refuse whoever is not the last to take over, or has not seen the last watermark."""
        if seen.epoch != self.now.epoch:
            raise Fenced("another worker owns it")
        if seen.offset != self.now.offset:
            raise Fenced("the watermark moved")
        if done.first != seen.offset + 1:
            raise Fenced("the batch does not continue")
        accounts = {**self.now.accounts, **{key: pack(one) for key, one in touched.items()}}
        self._keep(Kept(seen.epoch, done.last, done.clock, done.rules, accounts))
        return self.now

    def roll_back(self, states: int) -> None:
        """Lose the last so many states, as a server that lost its last second has."""
        if self.before:
            self.now = self.before[-min(states, len(self.before))]

    def _keep(self, new: Kept) -> None:
        self.before = [*self.before[-7:], self.now]
        self.now = new


@dataclass
class World:
    """One partition: its ``log``, what was ``said``, ``valkey``, the rules ``published``.

    ``unpublished`` is the book before any of them; nothing is ever written into it.
    """

    unpublished: Rulebook
    published: list[bytes] = field(default_factory=list)
    log: list[Record] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    valkey: Valkey = field(default_factory=Valkey)

    def append(self, event: TradingEvent) -> None:
        """Put an event into the log."""
        key = None if event.subject == "clock" else event.subject.encode()
        self.log.append(Record(len(self.log), key, event.encode()))

    def repeat(self, offset: int) -> None:
        """Put a record into the log once more."""
        self.log.append(self.log[offset]._replace(offset=len(self.log)))

    def book(self) -> Rulebook:
        """Return the book of all that was published; workers that know as much share it."""
        return _book(self.unpublished, tuple(self.published))

    def worker(self) -> "Worker":
        """Return a worker that has just taken the partition over."""
        return Worker(self)


@lru_cache(maxsize=1_000)
def _book(unpublished: Rulebook, published: tuple[bytes, ...]) -> Rulebook:
    if not published:
        return unpublished
    book = Rulebook(unpublished.base.rules)
    for raw in published:
        book.take(raw)
    return book


class Learnt:
    """The rules that one worker knows: those after so many published ones, in a book all share."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._book = world.book()

    @property
    def latest(self) -> InForce:
        return self._book.latest

    def resolve(self, stamp: str | None) -> InForce:
        return self._book.resolve(stamp)

    async def caught_up(self) -> None:
        """By itself it knows all that it was told."""

    def learn(self) -> None:
        """Read the versions that were published since."""
        self._book = self._world.book()


class Worker:
    """A process: its partition in memory, and what it believes Valkey holds."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._crash: Crash | None = None
        self._book = Learnt(world)
        self._seen = world.valkey.take_over()
        accounts = {key: unpack(raw) for key, raw in self._seen.accounts.items()}
        seen = self._seen
        self.mine = Partition(PARTITION, seen.offset, seen.clock, accounts, seen.rules)
        self.mine.seen = len(world.log)
        fold = Once(self._book)
        self._watcher = Watcher(fold, self._publish, self._remember, book=self._book)

    @property
    def behind(self) -> int:
        return len(self._world.log) - self.mine.offset - 1

    def learn(self) -> None:
        """Read the rule versions that were published since."""
        self._book.learn()

    def step(self, records: int, crash: Crash | None = None) -> None:
        """Take up to so many records; raise ``Died`` or ``Fenced`` when that ends the process."""
        self._crash = crash
        start = self.mine.offset + 1
        some = self._world.log[start : start + records]
        if some:
            fetched = Fetched(PARTITION, some[0].offset, some[-1].offset, some)
            at_once(self._watcher.apply(self.mine, fetched))

    async def _publish(
        self, partition: int, alerts: Sequence[AlertEvent], letters: Sequence[Letter]
    ) -> None:
        assert partition == PARTITION
        assert not letters
        if self._crash is Crash.BEFORE_PUBLISH:
            raise Died
        said = [Said(alert.encode()) for alert in alerts]
        if self._crash is Crash.AMID_PUBLISH:
            self._world.said += said[: len(said) // 2]
            raise Died
        self._world.said += said

    async def _remember(self, _: Partition, done: Advance, touched: Mapping[str, Account]) -> None:
        if self._crash is Crash.BEFORE_CHECKPOINT:
            raise Died
        self._seen = self._world.valkey.write(self._seen, done, touched)
        if self._crash is not None:
            raise Died


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never waits for anything, without a loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise RuntimeError("it waited")
