"""实时事实 — events of a live source go into the books, each movement of money matched once.

Whoever brings them, HTTP or a counter's stream, they are stored, and matched, in one way. What the
source counts, what comes for a closed day, the lots of trades and the newest snapshots are kept for
the comparison with the day's files.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeGuard, TypeVar

from services.ingest.domain.books import Books
from services.ingest.domain.conflation import Kept, State, StateEvent, due, newer, state_name, step
from services.ingest.domain.executions import EXECUTED, executed
from services.ingest.domain.fact import Fact, Identity, account_fact, of_account
from services.ingest.domain.matching import FundsEvent, meet
from services.ingest.domain.reconciling import Late, StateName
from services.ingest.domain.sequence import Track, follow
from shared.contracts.event import Event
from shared.contracts.stream import StreamEvent
from shared.observability.metrics import RECORDS_LATE, SOURCE_GAPS
from shared.observability.sources import source_label

E = TypeVar("E", bound=Event)
STATES = frozenset({"account.snapshotted", "position.snapshotted"})
FUNDS = frozenset({"funds.deposited", "funds.withdrawn", "funds.reversed"})


async def tell(
    books: Books, events: Sequence[StreamEvent], letters: Sequence[Fact], conflate: bool = False
) -> list[StreamEvent]:
    """Store events and dead letters; return the events that were new.

    With ``conflate`` a snapshot may be held until the clock's next minute; it is new all the same.
    An older snapshot than the newest known is not.
    """
    funds = [event for event in events if _moves_money(event)]
    await books.movements.hold({event.data.trading_day for event in funds}, alone=False)
    told, held = await _states(books, events, conflate)
    fresh = await books.inbox.store([*told, *letters])
    await _match(books, _first_of_each(funds, fresh))
    new = _first_of_each(events, fresh | held)
    for day, trades in executed(new).items():
        await books.day_rows.write(day, EXECUTED, trades)
    await _note_late(books, new)
    await _follow(books, new)
    return new


async def release(books: Books, now: datetime) -> int:
    """Tell the snapshots whose minute is over; return how many."""
    kept = await books.reconciliation.due(now)
    after = {name: due(one, now) for name, one in kept.items()}
    told = [event for _, event in after.values() if event is not None]
    await books.inbox.store([_fact(event) for event in told])
    await books.reconciliation.write_states({name: one for name, (one, _) in after.items()})
    return len(told)


def _first_of_each(events: Iterable[E], fresh: set[Identity]) -> list[E]:
    """Return the events that were new, each once although a batch may hold it twice."""
    left: set[tuple[str, str]] = set(fresh)
    first = []
    for event in events:
        identity = (event.source, event.id)
        if identity in left:
            left.remove(identity)
            first.append(event)
    return first


def _unnumbered(event: E) -> E:
    """The log's sequence is ours: the source's own number is not told."""
    return event.model_copy(update={"sequence": None}) if event.sequence else event


def _fact(event: StreamEvent) -> Fact:
    return account_fact(_unnumbered(event))


async def _states(
    books: Books, events: Sequence[StreamEvent], conflate: bool
) -> tuple[list[Fact], set[Identity]]:
    """Return what is to be told now, and the identities of the snapshots that are held."""
    names = {_state_name(event) for event in events if _is_state(event)}
    if not names:
        return [_fact(event) for event in events], set()
    states = dict(await books.reconciliation.states(names))
    told: list[Fact] = []
    held: set[Identity] = set()
    changed: dict[StateName, Kept] = {}
    for event in events:
        if not _is_state(event):
            told.append(_fact(event))
            continue
        name = _state_name(event)
        before = states.get(name)
        if not newer(before, event):
            continue
        own = _unnumbered(event)
        after, now = step(before, own) if conflate else (Kept(State.of(own)), own)
        states[name] = changed[name] = after
        if now is None:
            held.add(Identity(event.source, event.id))
        else:
            told.append(account_fact(now, after.told.body))
    await books.reconciliation.write_states(changed)
    return told, held


def _is_state(event: StreamEvent) -> TypeGuard[StateEvent]:
    """A snapshot of history is no state: it is told as it is."""
    return event.type in STATES and of_account(event.data) and not event.data.backfill


def _state_name(event: StateEvent) -> StateName:
    return StateName(event.data.trading_day, state_name(event), event.data.account)


def _moves_money(event: StreamEvent) -> TypeGuard[FundsEvent]:
    """A rehearsal's movement is in no file and never matched."""
    return event.type in FUNDS and of_account(event.data) and not event.data.rehearsal


async def _match(books: Books, fresh: Sequence[FundsEvent]) -> None:
    """The same movement told by the day's file, or taken back: see ``domain.matching``."""
    if not fresh:
        return
    met = meet(fresh, await books.movements.remembered(fresh))
    await books.movements.write_met(met)
    await books.inbox.silence(met.silent)
    await books.inbox.rewrite([_fact(event) for event in met.filled])


async def _note_late(books: Books, events: Sequence[StreamEvent]) -> None:
    """A record of a closed day is taken, and shown in that day's differences."""
    days = {event.data.trading_day for event in events}
    if not (closed := await books.reconciliation.closed_among(days) if days else set()):
        return
    late = [
        Late(data.trading_day, data.account, event.type, event.id)
        for event in events
        if of_account(data := event.data)
        and data.trading_day in closed
        and not (data.backfill or data.rehearsal)
    ]
    await books.reconciliation.note_late(late)
    RECORDS_LATE.labels("closed-day").inc(len(late))


async def _follow(books: Books, events: Sequence[StreamEvent]) -> None:
    """Follow the numbers of those sources that count their records."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for event in events:
        if event.sequence:
            numbers[event.source].append(int(event.sequence))
    if not numbers:
        return
    before = await books.reconciliation.tracks(numbers)
    after = {source: follow(before.get(source), told) for source, told in numbers.items()}
    tracks = {source: track for source, track in after.items() if track is not None}
    await books.reconciliation.write_tracks(tracks)
    _count(before, tracks)


def _count(before: Mapping[str, Track], after: Mapping[str, Track]) -> None:
    for source, track in after.items():
        was = before.get(source)
        SOURCE_GAPS.labels(source_label(source)).inc(track.gaps - (was.gaps if was else 0))
        RECORDS_LATE.labels("number").inc(track.late - (was.late if was else 0))
