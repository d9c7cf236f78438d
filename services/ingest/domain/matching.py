"""对账 — what the stream tells is matched with what the day's file told before it.

A file settles what was known before it (``settling``). What the stream tells after it is first
matched with rows that the stream had not told; the rest stands until a replacement file.

A reversal takes its movement back on the same trading day. On a later day both stand: the movement
is the earlier day's, and the money comes back on the reversal's own day, where that day's file has
a row for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.ingest.domain.fact import Identity
from services.ingest.domain.movement import Direction, Key, Movement, key_of, reversal_key
from shared.contracts.trading import FundsDeposited, FundsReversed, FundsWithdrawn

FundsEvent = FundsDeposited | FundsWithdrawn | FundsReversed


@dataclass(frozen=True, slots=True)
class Early:
    """A reversal that came before the movement it names: neither is told to anybody."""

    account: str
    trading_day: date
    serial: str


@dataclass(frozen=True)
class Remembered:
    """What is known of the movements that new stream events may touch.

    ``movements``: file rows the stream has not told yet, and whatever the events' serials name.
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
            undone = Movement(key, serial, identity, "stream", standing=False, undone_by="stream")
            self._remember(undone)
            self.met.silent.add(identity)
        elif self._told_elsewhere(key, serial, event.source):
            self.met.silent.add(identity)
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

    def _told_elsewhere(self, key: Key, serial: str, source: str) -> bool:
        """Say whether another source told it under the same serial."""
        return any(
            m.key == key and serial in (m.serial, m.alias) and m.told_as.source != source
            for m in self._of(key.account)
        )

    def _of(self, account: str) -> Iterator[Movement]:
        return (self.now[identity] for identity in self.by_account[account])

    def _untold_row(self, key: Key) -> Movement | None:
        while waiting := self.untold[key]:
            row = self.now[waiting.pop(0)]
            if row.standing:
                return row
        return None

    def _take_back(self, event: FundsReversed) -> None:
        target, identity = self._target(event), Identity(event.source, event.id)
        if target is None:
            early = Early(event.data.account, event.data.trading_day, event.data.reverses)
            self.early.add(early)
            self.met.early.add(early)
            self.met.silent.add(identity)
        elif self._is_undone(target):
            self.met.silent.add(identity)
        elif row := self._untold_row(reversal_key(event.data, target.key.direction)):
            told, of = event.data.serial, event.data.reverses
            self._remember(replace(row, alias=told, reverses=of))
            self.met.silent.add(identity)
        else:
            self._tell_reversal(event, target)

    def _is_undone(self, target: Movement) -> bool:
        """Say whether it was taken back already, by the stream or by a file, on whatever day."""
        day, names = target.key.trading_day, (target.serial, target.alias)
        return not target.standing or any(
            m.standing and m.reverses and m.reverses in names and m.key.trading_day >= day
            for m in self._of(target.key.account)
        )

    def _tell_reversal(self, event: FundsReversed, target: Movement) -> None:
        data, direction = event.data, target.key.direction
        if data.trading_day == target.key.trading_day:
            self._remember(target.taken_back("stream"))
        else:
            key, identity = reversal_key(data, direction), Identity(event.source, event.id)
            back = Movement(key, data.serial, identity, "stream", reverses=data.reverses)
            self._remember(back)
        told = {"direction": direction, "reverses": target.serial}
        filled = data.model_copy(update=told)
        if filled != data:
            self.met.filled.append(event.model_copy(update={"data": filled}))

    def _target(self, event: FundsReversed) -> Movement | None:
        """The movement of that serial; of several (numbers restart daily) the nearest, standing.

        One of an earlier day must be of the same money too.
        """
        data = event.data
        named = [m for m in self._of(data.account) if data.reverses in (m.serial, m.alias)]
        today = [m for m in named if m.key.trading_day == data.trading_day]
        before = [m for m in named if m.key.trading_day < data.trading_day]
        same = [m for m in before if (m.key.amount, m.key.currency) == (data.amount, data.currency)]
        nearest = max(same, key=lambda m: (m.standing, m.key.trading_day), default=None)
        return max(today, key=lambda m: m.standing, default=nearest)
