"""柜台 — who may ask notify, and what the questions are answered from."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters.console import PostgresConsole, connected
from services.notify.answering import Answering, Given
from services.notify.domain.inbox import Entry, Wanted
from services.notify.domain.story import Story
from services.notify.live import Live
from services.notify.views import EntryView, entry_view
from shared.clock import Clock
from shared.db.api_keys import PostgresKeys
from shared.kernel.audit import Link, Sought, Trail
from shared.kernel.trading_day import CHINA, Calendar
from shared.settings import TokenSettings
from shared.web.access import Access
from shared.web.api_keys import ApiKey, KeyRing
from shared.web.directory import person, tokens
from shared.web.fresh import Fresh
from shared.web.gate import Authority, Identifier
from shared.web.organisation import Organisation, OrgTree, RowScope
from shared.web.permissions import Reach, Sight

TREE_SECONDS = 5  # a change of staff is in force everywhere after this
PEOPLE = text(
    "SELECT staff_id, branch_id, leader_id, successor_id, left_on FROM staff WHERE broker = :broker"
)


class Console(Protocol):
    """One transaction of looking up. ``mine``: as whom somebody was told; newest first."""

    @property
    def trail(self) -> Trail: ...

    async def inbox(
        self, mine: Collection[str], wanted: Wanted, before: int, limit: int
    ) -> Sequence[Entry]:
        """Return what these people were told, before a place."""

    async def changed(self, mine: Collection[str], after: int, limit: int) -> Sequence[Entry]:
        """Return what has changed of it after a place, in the order of changing."""

    async def search(
        self, scope: RowScope, mine: Collection[str], wanted: Wanted, page: tuple[int, int]
    ) -> Sequence[Entry]:
        """Return what is in reach or was told; ``page``: before which number, how many."""

    async def entry(self, alert_id: UUID) -> Entry | None:
        """Return an alert, whoever asks."""

    async def hearers(self, alert_id: UUID) -> frozenset[str]:
        """Return who was told of an alert."""

    async def history(self, alert_id: UUID) -> Story:
        """Return everything known of an alert that exists."""

    async def place(self) -> int:
        """Return the place of the newest change."""

    async def role_of(self, staff_id: str) -> str | None:
        """Return somebody's role in the directory; None: there is no such person."""

    async def audit(self, sought: Sought) -> Sequence[Link]:
        """Return a page of the audit, newest first."""


OpenConsole = Callable[[], AbstractAsyncContextManager[Console]]
Take = Callable[[Given], Awaitable[str]]


@dataclass(frozen=True)
class Desk:
    """What the endpoints need. ``wall``: the time of the audit; ``calendar``: of what is said."""

    authority: Authority
    open_console: OpenConsole
    take: Take
    live: Live
    wall: Clock
    calendar: Calendar


def desk(
    engine: AsyncEngine,
    broker: str,
    rules: TokenSettings | None,
    answering: Answering,
    wall: Clock,
) -> Desk:
    """Return the desk over notify's own tables, for one broker's people."""

    @asynccontextmanager
    async def open_console() -> AsyncIterator[Console]:
        async with connected(engine) as connection:
            yield PostgresConsole(connection, broker)

    authority = Authority(identifiers(engine, rules, wall), tree_of(engine, broker, wall))

    async def newest() -> int:
        async with open_console() as console:
            return await console.place()

    return Desk(authority, open_console, answering.take, Live(newest), wall, answering.calendar)


def identifiers(engine: AsyncEngine, rules: TokenSettings | None, wall: Clock) -> list[Identifier]:
    """Return the ways to be known: the keys of the table, tokens."""

    async def read() -> Iterable[ApiKey]:
        async with connected(engine) as connection:
            return await PostgresKeys(connection).all()

    known: list[Identifier] = [KeyRing(read, wall)]
    if rules:
        known.append(tokens(rules, wall))
    return known


def tree_of(engine: AsyncEngine, broker: str, wall: Clock) -> Callable[[], Awaitable[OrgTree]]:
    """Return the organisation as the staff topic told it, a few seconds old at most."""

    async def read() -> OrgTree:
        today = wall.now().astimezone(CHINA).date()
        async with connected(engine) as connection:
            found = await connection.execute(PEOPLE, {"broker": broker})
            return Organisation([person(row, today) for row in found])

    return Fresh(read, TREE_SECONDS).get


def mine(tree: OrgTree, name: str) -> frozenset[str]:
    """Return as whom somebody was told: oneself and the leavers whose clients one has.

    Nobody, for a leaver and for whom the directory does not know.
    """
    return tree.scope(name, Reach.OWN).managers


async def sight_of(access: Access, console: Console, entry: Entry) -> Sight | None:
    """Return how much of an alert's client is seen; None: it is out of reach.

    Who was told of an alert may look at it, whoever's client it is: as one on call, or an heir.
    """
    sight = access.sight(entry)
    if sight is None:
        told = await console.hearers(entry.event.data.alert_id)
        return Sight.MASKED if told & mine(access.tree, access.principal.name) else None
    return sight


def view_for(access: Access, entry: Entry) -> EntryView:
    """Return an alert that this one was told of, or reaches, as far as it is seen."""
    sight = access.sight(entry)
    return entry_view(entry, Sight.MASKED if sight is None else sight)
