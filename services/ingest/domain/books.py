"""账簿 — what a handler may recall and write down, inside one transaction.

The stores behind it are given; in the tests they are dicts and lists.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from services.ingest.domain.ctp.sequence import Places
from services.ingest.domain.day_rows import DayRows
from services.ingest.domain.fact import Fact, Identity
from services.ingest.domain.matching import FundsEvent, Met, Remembered
from services.ingest.domain.movement import Movement
from services.ingest.domain.reconciling import Reconciliation
from shared.kernel.audit import Trail
from shared.kernel.trading_day import TradingDay

Register = Literal[
    "customers",
    "staff",
    "baselines",
    "agreements",
    "registrations",
    "trading_codes",
    "banks",
    "account_days",
    "pulls",
]


class StoresAway(RuntimeError):
    """The database cannot be reached: nothing was stored, the same can be tried again."""


class Inbox(Protocol):
    """Every fact under its identity, waiting for the relay."""

    async def store(self, facts: Sequence[Fact]) -> set[Identity]:
        """Store what is new and return those identities; what is known stays as it was."""

    async def silence(self, identities: Iterable[Identity]) -> None:
        """Keep facts as known, without telling them."""

    async def rewrite(self, facts: Iterable[Fact]) -> None:
        """Replace the bodies of facts stored in this same transaction."""


class Movements(Protocol):
    """The movements of money that were told."""

    async def hold(self, days: Iterable[date], alone: bool) -> None:
        """Keep the days to ourselves (a file), or shared with other streams, to the end."""

    async def remembered(self, events: Sequence[FundsEvent]) -> Remembered:
        """Recall what these events may touch."""

    async def write_met(self, met: Met) -> None:
        """Write what stream events changed."""

    async def of_days(
        self, day: date, days: Iterable[date], accounts: Collection[str] | None = None
    ) -> Sequence[Movement]:
        """Recall the movements of ``days``, and those standing that ``day``'s file vouched for.

        ``accounts``: of these alone.
        """

    async def write(self, told: Sequence[Movement], changed: Sequence[Movement]) -> None:
        """Write new and changed movements."""


class Settlements(Protocol):
    """The content last settled, per day and account."""

    async def of(self, day: date, accounts: Collection[str] | None = None) -> Mapping[str, str]:
        """Recall account → content; ``accounts``: of these alone."""

    async def before(self, day: date) -> Mapping[str, str]:
        """Recall account → content of the newest settled day before one."""

    async def write(self, day: date, contents: Mapping[str, str]) -> None:
        """Write what is settled now."""


@dataclass(frozen=True)
class Entry:
    """The last published state of a client, person, account …, and how often it changed."""

    version: int
    body: bytes


class Owner(NamedTuple):
    """Whose an account is, and who looks after it."""

    customer_id: str
    manager_id: str | None = None


class Directory(Protocol):
    """The newest state of clients, staff and accounts' past; personal fields sealed."""

    async def entries(self, register: Register, names: Iterable[str]) -> dict[str, Entry]:
        """Recall entries by name."""

    async def write(self, register: Register, entries: Mapping[str, Entry]) -> None:
        """Write entries."""

    async def whole(self, register: Register) -> dict[str, Entry]:
        """Recall every entry of a small register."""

    async def owners(self, accounts: Iterable[str]) -> dict[str, str]:
        """Recall account → customer id."""

    async def write_owners(self, owners: Mapping[str, Owner]) -> None:
        """Write whose each account is now."""

    async def clients_of(self, managers: Iterable[str]) -> set[str]:
        """Recall the ids of the clients that these look after."""

    async def known_as(self, names: Iterable[str]) -> dict[str, str]:
        """Recall another name of a client (``no:…``, ``id:…``) → customer id."""

    async def write_known_as(self, names: Mapping[str, str]) -> None:
        """Write other names of clients."""


@dataclass(frozen=True)
class FileRecord:
    """档案 — one file taken whole: which version of what, and what came of it.

    ``notes`` are counts, and the accounts that vanished; never names or numbers of persons.
    """

    kind: str
    scope: str
    version: int
    name: str
    sha256: str
    day: TradingDay | None
    good: int
    bad: int
    notes: Mapping[str, object] = field(default_factory=dict)


class Files(Protocol):
    """The files taken so far."""

    async def hold(self) -> None:
        """Be the only one that takes a file, to the end of the transaction."""

    async def newest(self, kind: str, scope: str) -> FileRecord | None:
        """Recall the newest version."""

    async def record(self, record: FileRecord) -> None:
        """Write that a file is in."""

    async def unmoved(self) -> Sequence[FileRecord]:
        """Recall the files that are in but were not yet seen to have left the folder."""

    async def record_moved(self, record: FileRecord) -> None:
        """Write that a file has left the folder."""

    async def kinds_in(self, day: date) -> set[str]:
        """Recall which kinds of a day are in."""

    async def last_closed(self) -> TradingDay | None:
        """Recall the newest day that was closed."""

    async def record_closed(self, day: TradingDay) -> None:
        """Write that a day was closed."""


class Heard(Protocol):
    """When each source was last heard: those that tell as it happens, and files and pulls."""

    async def note(self, sources: Iterable[str], live: bool = True) -> None:
        """Write that these were heard now, to within a second."""

    async def moments(self) -> Mapping[str, datetime]:
        """Recall live source → the moment of its last record."""


@dataclass(frozen=True)
class Books:
    """Everything a handler may recall and write."""

    inbox: Inbox
    movements: Movements
    reconciliation: Reconciliation
    settlements: Settlements
    directory: Directory
    files: Files
    heard: Heard
    day_rows: DayRows
    places: Places
    audit: Trail


OpenBooks = Callable[[], AbstractAsyncContextManager[Books]]
"""Opens one transaction: committed at its end, forgotten when it raises (``StoresAway``)."""
