"""合并快照 — of a state that changes many times a second the log hears what matters, in time.

A snapshot is a state, not a delta: one that replaces another takes nothing away. It is told when a
change matters, or when the last one told is a minute older; the newest of the rest is held, and
told when its minute is over. Time is the snapshots' own ``at`` and the minutes of the clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, cast

import msgspec

from shared.contracts.dealings import Holding, PositionSnapshotted
from shared.contracts.stream import STREAM
from shared.contracts.trading import AccountSnapshotted, Snapshot

StateEvent = AccountSnapshotted | PositionSnapshotted

MINUTE: Final = timedelta(minutes=1)
SHARE: Final = Decimal("0.01")  # of the equity that was told last
BAND: Final = Decimal("0.05")  # of 风险度: 80 % and 100 % are edges of bands
HIGHEST: Final = 1_000_000


class State(NamedTuple):
    """A snapshot as it is kept: its moment, and the record's value, read only when it must be."""

    at: datetime
    body: bytes

    @classmethod
    def of(cls, event: StateEvent) -> "State":
        """Return the state that a snapshot tells."""
        return cls(event.data.at, event.encode())

    @classmethod
    def recalled(cls, body: bytes) -> "State":
        """Return the state that was kept as ``body``."""
        return cls(msgspec.json.decode(body, type=_Kept).data.at, body)

    @property
    def event(self) -> StateEvent:
        """The snapshot itself."""
        return cast(StateEvent, STREAM.validate_json(self.body))


class _Moment(msgspec.Struct):
    at: datetime


class _Kept(msgspec.Struct):
    data: _Moment


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one state: what was ``told`` last, and what is ``held`` since then."""

    told: State
    held: State | None = None

    @property
    def newest(self) -> datetime:
        """The newest moment known: anything not later changes nothing."""
        return (self.held or self.told).at


def state_name(event: StateEvent) -> str:
    """Return what an event is the state of: an account's funds, or one of its holdings.

    A rehearsal's state is another state.
    """
    mark = "~" if event.data.rehearsal else ""
    if event.type == "account.snapshotted":
        return f"{mark}{event.subject}"
    held = event.data.holding
    return f"{mark}{event.subject}/{held.exchange}/{held.instrument}/{held.side}/{held.hedge}"


def newer(known: Kept | None, event: StateEvent) -> bool:
    """Say whether a snapshot is newer than what is known: an older one changes nothing."""
    return known is None or event.data.at > known.newest


def step(before: Kept | None, event: StateEvent) -> tuple[Kept, StateEvent | None]:
    """Return what is known after a snapshot, and the snapshot to tell now, if any.

    An older ``at``, or the same again, changes nothing.
    """
    if before is None:
        return Kept(State.of(event)), event
    if not newer(before, event):
        return before, None
    if _due(before, event.data.at) or matters(before.told.event, event):
        return Kept(State.of(event)), event
    return Kept(before.told, State.of(event)), None


def due(kept: Kept, now: datetime) -> tuple[Kept, StateEvent | None]:
    """Return what is known after a minute of the clock, and the held snapshot if its time is up."""
    if kept.held is None or not _due(kept, now):
        return kept, None
    return Kept(kept.held), kept.held.event


def matters(told: StateEvent, now: StateEvent) -> bool:
    """Say whether somebody may have to act on the change since what was told."""
    if isinstance(told, AccountSnapshotted) and isinstance(now, AccountSnapshotted):
        return _funds_matter(told.data, now.data)
    if isinstance(told, PositionSnapshotted) and isinstance(now, PositionSnapshotted):
        return _lots(told.data.holding) != _lots(now.data.holding)
    return True


def _due(kept: Kept, now: datetime) -> bool:
    return now - kept.told.at >= MINUTE


def _funds_matter(told: Snapshot, now: Snapshot) -> bool:
    """Another day, money below zero or above it again, a higher band of risk, 1 % of the equity.

    A lower band can wait: else a figure that trembles on an edge would be told each time.
    """
    if told.trading_day != now.trading_day or _signs(told) != _signs(now):
        return True
    if any(after > before for before, after in zip(_bands(told), _bands(now), strict=True)):
        return True
    return abs(now.equity - told.equity) >= SHARE * abs(told.equity)


def _signs(funds: Snapshot) -> tuple[bool, bool]:
    return funds.equity > 0, funds.available >= 0


def _bands(funds: Snapshot) -> tuple[int, int]:
    return _band(funds.margin, funds.equity), _band(funds.exchange_margin, funds.equity)


def _band(margin: Decimal | None, equity: Decimal) -> int:
    """A margin without equity is 穿仓: the highest band; no margin known is the lowest."""
    if not margin:
        return 0
    return int(margin / equity / BAND) if equity > 0 else HIGHEST


def _lots(holding: Holding) -> tuple[int, int | None]:
    return holding.lots, holding.today_lots
