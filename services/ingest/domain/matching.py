"""对账 — what the stream tells is matched with what the day's file told before it.

A file settles what was known before it (``settling``). What the stream tells after it is first
matched with rows that the stream had not told; the rest stands until a replacement file.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.ingest.domain.fact import Identity
from services.ingest.domain.movement import Direction, Key, Movement, key_of
from shared.contracts.trading import FundsDeposited, FundsReversed, FundsWithdrawn

FundsEvent = FundsDeposited | FundsWithdrawn | FundsReversed


@dataclass(frozen=True, slots=True)
class Early:
    """A reversal that came before the movement it names."""

    account: str
    trading_day: date
    serial: str


@dataclass(frozen=True)
class Remembered:
    """What is known of the movements that new stream events may touch.

    ``movements``: file rows the stream has not told yet, and whatever the reversals name.
    """

    movements: Sequence[Movement] = ()
    early: frozenset[Early] = frozenset()


@dataclass
class Met:
    """What new stream events change. ``silent``: stored as known, told to nobody a second time.

    ``filled``: reversals whose direction or serial our own record completes. ``early``: reversals
    that still wait for their movement; ``met_early``: those whose movement has come.
    """

    told: list[Movement] = field(default_factory=list)
    changed: list[Movement] = field(default_factory=list)
    silent: set[Identity] = field(default_factory=set)
    filled: list[FundsReversed] = field(default_factory=list)
    early: set[Early] = field(default_factory=set)
    met_early: set[Early] = field(default_factory=set)


def meet(events: Iterable[FundsEvent], known: Remembered) -> Met:
    """Match new stream events, in their order, with what is known."""
    return _Desk(known).take(events)


class _Desk:
    """The movements of one request, while it is being matched."""

    def __init__(self, known: Remembered) -> None:
        self.met = Met()
        self.early = set(known.early)
        self.before = {m.told_as: m for m in known.movements}
        self.now: dict[Identity, Movement] = {}
        self.by_account: dict[str, list[Identity]] = defaultdict(list)
        self.untold: dict[Key, list[Identity]] = defaultdict(list)
        for movement in known.movements:
            self._remember(movement)
            if movement.origin == "file" and movement.alias is None:
                self.untold[movement.key].append(movement.told_as)

    def take(self, events: Iterable[FundsEvent]) -> Met:
        for event in events:
            match event:
                case FundsDeposited():
                    self._move(event, "deposit")
                case FundsWithdrawn():
                    self._move(event, "withdrawal")
                case FundsReversed():
                    self._take_back(event)
        for identity, movement in self.now.items():
            if identity not in self.before:
                self.met.told.append(movement)
            elif movement != self.before[identity]:
                self.met.changed.append(movement)
        return self.met

    def _remember(self, movement: Movement) -> None:
        if movement.told_as not in self.now:
            self.by_account[movement.key.account].append(movement.told_as)
        self.now[movement.told_as] = movement

    def _move(self, event: FundsDeposited | FundsWithdrawn, direction: Direction) -> None:
        identity, serial = Identity(event.source, event.id), event.data.serial
        key = key_of(event.data, direction)
        early = Early(key.account, key.trading_day, serial)
        if early in self.early:
            self._forget(early)
            self._remember(Movement(key, serial, identity, "stream", standing=False))
        elif row := self._untold_row(key):
            self._remember(replace(row, alias=serial))
            self.met.silent.add(identity)
        else:
            self._remember(Movement(key, serial, identity, "stream"))

    def _forget(self, early: Early) -> None:
        self.early.discard(early)
        if early in self.met.early:
            self.met.early.discard(early)
        else:
            self.met.met_early.add(early)

    def _untold_row(self, key: Key) -> Movement | None:
        while waiting := self.untold[key]:
            row = self.now[waiting.pop(0)]
            if row.standing:
                return row
        return None

    def _take_back(self, event: FundsReversed) -> None:
        target = self._target(event)
        if target is None:
            early = Early(event.data.account, event.data.trading_day, event.data.reverses)
            self.early.add(early)
            self.met.early.add(early)
            return
        if not target.standing:  # already taken back, by the stream or by a file
            self.met.silent.add(Identity(event.source, event.id))
            return
        self._remember(replace(target, standing=False))
        told = {"direction": target.key.direction, "reverses": target.serial}
        data = event.data.model_copy(update=told)
        if data != event.data:
            self.met.filled.append(event.model_copy(update={"data": data}))

    def _target(self, event: FundsReversed) -> Movement | None:
        """The movement of that serial; of several (numbers restart daily) the standing, nearest."""
        data = event.data
        ours = [self.now[identity] for identity in self.by_account[data.account]]
        return max(
            (m for m in ours if data.reverses in (m.serial, m.alias)),
            key=lambda m: (m.key.trading_day == data.trading_day, m.standing, m.key.trading_day),
            default=None,
        )
