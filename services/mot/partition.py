"""The words that mot's shell speaks of a partition: what came, what is held, what is done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from services.mot.domain.account import Account
from services.mot.domain.events import DayClosed


class Record(Protocol):
    """A record of the log as the client's C code hands it on; ``timestamp`` in milliseconds."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Any: ...


class Fetched(NamedTuple):
    """What one fetch brought of one partition: all of its offsets from ``first`` to ``last``.

    An offset without a record is a transaction's marker; one that Kafka lost is never passed over.
    """

    partition: int
    first: int
    last: int
    records: list[Any]


class Log(NamedTuple):
    """A partition as Kafka has it: first offset, the one behind the last, mot's commit if any."""

    begin: int
    end: int
    commit: int | None


class Letter(NamedTuple):
    """A record for the dead letters, and why; ``str(reason)`` quotes nothing of it."""

    record: Record
    reason: Exception


class Burials(NamedTuple):
    """How many of the last records went to the dead letters; it fades, and survives a restart."""

    records: int = 0
    letters: int = 0

    def __str__(self) -> str:
        return f"{self.records},{self.letters}"

    @classmethod
    def parse(cls, text: str) -> "Burials":
        """Read what ``str`` wrote; nothing was written before the first checkpoint."""
        return cls(*map(int, text.split(","))) if text else cls()


class Advance(NamedTuple):
    """A batch done: its first and last offset, the clock's last sequence, the rules behind it.

    ``rules``, an opaque stamp, is what the next record is watched by. An empty batch, its ``first``
    one above its ``last``, records it alone.
    """

    first: int
    last: int
    clock: str
    rules: str
    burials: Burials = Burials()


class Closing(NamedTuple):
    """A day's close at ``offset``: the clock and the rules there, and what changed before it."""

    event: DayClosed
    partition: int
    offset: int
    clock: str
    rules: str
    states: list[tuple[str, Account]]


class Chronicle(Protocol):
    """``mot.state.v1``: what a rebuild starts from."""

    async def closed(self, days: Sequence[Closing]) -> None:
        """Keep the changed accounts of each day."""

    async def applied(self, stamp: str, partition: int, after: int) -> None:
        """Keep which rules watch a partition behind an offset."""


class NoChronicle:
    """Keeps nothing."""

    async def closed(self, days: Sequence[Closing]) -> None: ...
    async def applied(self, stamp: str, partition: int, after: int) -> None: ...


@dataclass
class Partition:
    """What this worker owns of one partition. ``offset`` is the watermark, −1 before the first.

    ``rules`` is the stamp of the rules that watch the next record; empty: none were recorded yet.
    Records below ``seen`` may have been watched by a former owner, and stay with its rules.
    ``unsaved``: accounts that have changed since the last day's close; None: any may have.
    """

    number: int
    offset: int
    clock: str
    accounts: dict[str, Account]
    rules: str = ""
    burials: Burials = field(default_factory=Burials)
    seen: int = 0
    unsaved: set[str] | None = None
