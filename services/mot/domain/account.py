"""What mot remembers of an account: the fold of its events, and nothing else.

Money is ``int`` of 厘. Trading days that are not yet settled are kept apart, because the settlement
of day D may come after D+1's night session has begun. ``VERSION`` grows with the layout.
The Structs form a tree and never a cycle: the garbage collector has nothing to look for in them.
"""

from collections.abc import Mapping, Set
from datetime import date, datetime, timedelta

import msgspec

VERSION = 1  # fields are only ever appended, so this code reads every older layout
KEEP_OVERDRAFTS = timedelta(days=30)  # once a run has ended; a correction may still join two
LONGEST_CLOSURE = timedelta(days=14)  # between two trading days, at most
KEEP_WITHDRAWN = timedelta(days=10)  # for movements that a replacement file adds
KEEP_SPOKEN = timedelta(days=60)  # ended orders too: a late event must find its end
KEEP_SETTLEMENTS = 12  # days, for sums over a window and the equity before it
NOBODY: frozenset[str] = frozenset()
FUNDED_BEFORE = date.min  # money was there before the first deposit that was seen


class Day(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One trading day: 出金 less reversals, net flow, and the last intraday 可用.

    ``available`` is only kept from the day's first snapshot below zero on.
    """

    withdrawn: int = 0
    net: int = 0
    available: int | None = None

    @property
    def deposited(self) -> int:
        """入金 less reversals."""
        return self.net + self.withdrawn


STILL = Day()
"""A day on which no money moved."""


class Balance(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The last known figures of an account, from a snapshot or a settlement."""

    day: date
    equity: int
    margin: int | None = None
    exchange_margin: int | None = None


class Closing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """日终 — what a day's settlement says; None: it does not. ``profit`` has the fees taken off."""

    equity: int
    opening: int | None = None
    profit: int | None = None
    deposit: int | None = None
    withdrawal: int | None = None


class Lowest(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The lowest settled equity since the last trade, and its latest day."""

    equity: int
    day: date


class Order(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """强平单 as last seen; ``ended`` is empty, or how it ended: filled, cured, cancelled, rejected.

    ``day`` is the trading day of its last event, ``at`` that event's moment.
    """

    instrument: str
    direction: str
    lots: int
    filled: int
    reason: str
    status: str
    at: datetime
    placed_at: datetime
    day: date
    ended: str = ""


class Spoken(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What was said of one episode: the last revision, how far it went, when, and the figure told.

    ``level`` above 0: the alert stands; 0: withdrawn; below: over, and never taken back.
    ``settled``: the day's settlement has spoken of it.
    """

    revision: int
    level: int
    day: date
    figure: int = 0
    settled: bool = False

    @property
    def stands(self) -> bool:
        """Say whether the last thing told is that it holds."""
        return self.level > 0


class Account(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An account's memory. ``sequence`` is that of the last event folded in."""

    version: int = VERSION
    sequence: str = ""
    equity: int | None = None
    settled: date | None = None
    available: int | None = None
    available_at: datetime | None = None
    days: dict[date, Day] = {}
    overdrafts: dict[date, int] = {}
    orders: dict[str, Order] = {}
    position_lots: int = 0
    opened_on: date | None = None
    last_trade_on: date | None = None
    last_position_on: date | None = None
    spoken: dict[str, Spoken] = {}
    switched_off: dict[str, str] = {}
    incomplete: bool = False
    balance: Balance | None = None
    settlements: dict[date, Closing] = {}
    funded_on: date | None = None
    lowest: Lowest | None = None
    ends: dict[str, date] = {}

    def unsettled(self, day: date) -> bool:
        """Say whether the day's settlement is still to come."""
        return self.settled is None or day > self.settled

    def long_ago(self, day: date) -> bool:
        """Say whether a day is so far behind the last settled one that it makes no new alert."""
        return self.settled is not None and self.settled - day > KEEP_WITHDRAWN

    def deposited(self, day: date) -> int:
        """Return the day's 入金 less reversals, in 厘."""
        flows = self.days.get(day)
        return flows.deposited if flows else 0

    def withdrawn(self, day: date) -> int:
        """Return the day's 出金 less reversals, in 厘."""
        flows = self.days.get(day)
        return flows.withdrawn if flows else 0

    def opening(self, day: date) -> int | None:
        """Return the day's opening equity in 厘; None while no settlement tells it.

        It is what the day's own settlement says, else the equity of the last one before the day.
        """
        if self.settled is None or day > self.settled:
            return self.equity
        own = self.settlements.get(day)
        if own is not None and own.opening is not None:
            return own.opening
        eve = max((d for d in self.settlements if d < day), default=None)
        return None if eve is None else self.settlements[eve].equity

    def open_orders(self) -> dict[str, Order]:
        """Return the forced-liquidation orders that still need watching at each tick."""
        return {id_: order for id_, order in self.orders.items() if not order.ended}

    def said(self, rule: str, episode: str) -> Spoken | None:
        """Return what was said of an episode, if anything."""
        return self.spoken.get(f"{rule}|{episode}") if self.spoken else None

    def spoke(self) -> Set[str]:
        """Return the rules that have said something lately."""
        return {key.partition("|")[0] for key in self.spoken}

    def standing(self, rule: str) -> dict[str, Spoken]:
        """Return a rule's episodes that were told and not taken back, by name."""
        own = f"{rule}|"
        return {
            key.removeprefix(own): spoken
            for key, spoken in self.spoken.items()
            if spoken.stands and key.startswith(own)
        }


EMPTY = Account()


changed = msgspec.structs.replace
"""Returns a state with some fields replaced."""


def recent(
    entries: Mapping[str, Spoken], today: date, keep: timedelta = KEEP_SPOKEN
) -> dict[str, Spoken]:
    """Return what was said lately; memory stays bounded."""
    return {key: spoken for key, spoken in entries.items() if today - spoken.day <= keep}
