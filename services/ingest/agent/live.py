"""实时事实 — events of a live source go into the books, each movement of money matched once.

Whoever brings them, HTTP or a counter's stream, they are stored, and matched, in one way.
"""

from collections.abc import Iterable, Sequence
from typing import TypeGuard, TypeVar

from services.ingest.domain.books import Books
from services.ingest.domain.fact import Fact, Identity, account_fact
from services.ingest.domain.matching import FundsEvent, meet
from shared.contracts.event import Event
from shared.contracts.stream import StreamEvent
from shared.contracts.trading import FundsDeposited, FundsReversed, FundsWithdrawn

E = TypeVar("E", bound=Event)


async def tell(
    books: Books, events: Sequence[StreamEvent], letters: Sequence[Fact]
) -> set[Identity]:
    """Store events and dead letters; return the identities that were new."""
    funds = [event for event in events if _moves_money(event)]
    await books.movements.hold({event.data.trading_day for event in funds}, alone=False)
    fresh = await books.inbox.store([*map(account_fact, events), *letters])
    await _match(books, first_of_each(funds, fresh))
    return fresh


def first_of_each(events: Iterable[E], fresh: set[Identity]) -> list[E]:
    """Return the events that were new, each once although a batch may hold it twice."""
    left, first = set(fresh), []
    for event in events:
        identity = Identity(event.source, event.id)
        if identity in left:
            left.remove(identity)
            first.append(event)
    return first


def _moves_money(event: StreamEvent) -> TypeGuard[FundsEvent]:
    """A rehearsal's movement is in no file and never matched."""
    match event:
        case FundsDeposited() | FundsWithdrawn() | FundsReversed():
            return not event.data.rehearsal
        case _:
            return False


async def _match(books: Books, fresh: Sequence[FundsEvent]) -> None:
    """The same movement told by the day's file, or taken back: see ``domain.matching``."""
    if not fresh:
        return
    met = meet(fresh, await books.movements.remembered(fresh))
    await books.movements.write_met(met)
    await books.inbox.silence(met.silent)
    await books.inbox.rewrite([account_fact(event) for event in met.filled])
