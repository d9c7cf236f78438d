"""Everything that was told of one account, and how each event adds to it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from shared.contracts.trading import (
    Agreement,
    Baseline,
    DayClose,
    ForcedOrder,
    Funds,
    OrderStatus,
    Reversal,
    Settlement,
    Snapshot,
    Tick,
    TradingEvent,
)
from tests.kit.oracle.memory import Memory
from tests.kit.oracle.words import Before, End, Run

FOR_LACK_OF_FUNDS = "189"
ENDINGS = (OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED)
FUNDED_BEFORE = date.min  # funded, by what was no deposit of ours
ZERO = Decimal(0)


@dataclass
class Client:
    """One account; a rehearsal of it is another one."""

    key: str
    withdrawn: dict[date, Decimal] = field(default_factory=dict)  # reversals taken off
    deposited: dict[date, Decimal] = field(default_factory=dict)
    settlements: dict[date, Settlement] = field(default_factory=dict)
    openings: dict[date, Decimal] = field(default_factory=dict)  # as a day's settlement told it
    settled: date | None = None  # the last settled day
    snapshot: Snapshot | None = None  # the newest
    snapshots: dict[date, Snapshot] = field(default_factory=dict)  # the newest of each day
    orders: dict[str, ForcedOrder] = field(default_factory=dict)  # the live ones
    placed: dict[str, datetime] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    opened_on: date | None = None
    traded_on: date | None = None  # the last trade
    held_on: date | None = None  # the last day with a position
    lots: int = 0  # held, as the newest settlements told it
    equities: list[tuple[date, Decimal]] = field(default_factory=list)  # settled, as they were told
    ends: dict[End, date | None] = field(default_factory=dict)
    funded: date | None = None  # by the first deposit of that day
    memory: Memory = field(default_factory=Memory)
    multiples: dict[tuple[str, date], int] = field(default_factory=dict)  # as last reckoned
    runs: list[Run] = field(default_factory=list)  # as last reckoned

    @property
    def broker(self) -> str:
        return self.key.partition(":")[0]

    def unsettled(self, day: date) -> bool:
        return self.settled is None or day > self.settled

    def opening(self, day: date) -> Decimal | None:
        """Return the equity a day began with: as its settlement says, else as the last one left."""
        if day in self.openings:
            return self.openings[day]
        earlier = max((one for one in self.settlements if one < day), default=None)
        return self.settlements[earlier].equity if earlier else None

    def moved(self, day: date, body: Settlement | Snapshot) -> tuple[Decimal, Decimal]:
        """Return what came in and what went out on a day: as the body says, else as was told."""
        came, went = body.deposit, body.withdrawal
        return (
            self.deposited.get(day, ZERO) if came is None else came,
            self.withdrawn.get(day, ZERO) if went is None else went,
        )

    def last_settlement(self) -> Settlement | None:
        return self.settlements[self.settled] if self.settled else None

    def hear(self, event: TradingEvent) -> Before:
        """Add an event; return what it has changed, as it was."""
        was: dict[str, Any] = {
            "traded_on": self.traded_on,
            "held_on": self.held_on,
            "funded": self.funded,
        }
        take = TAKE.get(event.type)
        return Before(**was, **take(self, event.data)) if take else Before(**was)

    def _trade(self, day: date | None) -> None:
        """A trade is never untold: the last one only moves forward."""
        self.traded_on = later(self.traded_on, day)

    def _deposit(self, data: Funds) -> dict[str, Any]:
        day = data.trading_day
        self.deposited[day] = self.deposited.get(day, ZERO) + data.amount
        self.funded = self.funded or day
        return {}

    def _withdrawal(self, data: Funds) -> dict[str, Any]:
        day = data.trading_day
        self.withdrawn[day] = self.withdrawn.get(day, ZERO) + data.amount
        return {}

    def _reversal(self, data: Reversal) -> dict[str, Any]:
        """Take a movement back; one whose direction nobody knows takes nothing back."""
        day = data.trading_day
        if data.direction == "withdrawal":
            self.withdrawn[day] = self.withdrawn.get(day, ZERO) - data.amount
        elif data.direction == "deposit":
            self.deposited[day] = self.deposited.get(day, ZERO) - data.amount
            if self.funded == day and self.deposited[day] <= 0:
                self.funded = None
        return {}

    def _snapshot(self, data: Snapshot) -> dict[str, Any]:
        if self.snapshot is not None and data.at <= self.snapshot.at:
            return {"news": False}
        self.snapshot = self.snapshots[data.trading_day] = data
        return {}

    def _settlement(self, data: Settlement) -> dict[str, Any]:
        day = data.trading_day
        news = self.settled is None or day >= self.settled
        self.settlements[day] = data
        if data.opening_equity is not None:
            self.openings[day] = data.opening_equity
        self.settled = later(self.settled, day)
        if data.traded_lots:
            self._trade(day)
        if data.position_lots:
            self.held_on = later(self.held_on, day)
        if data.position_lots is not None and news:
            self.lots = data.position_lots
        over = self._over_by(day) if news else ()
        cured = [n for n in over if data.available >= 0 and self._lacks_funds(n)]
        self.equities.append((day, data.equity))
        if data.equity > 0 or (data.opening_equity or ZERO) > 0:
            self.funded = self.funded or FUNDED_BEFORE
        expired = self._expire(name for name in over if name not in cured)
        for name in cured:
            self._end(name)
        return {"news": news, "cured": tuple(cured), "expired": expired}

    def _close(self, data: DayClose) -> dict[str, Any]:
        """No order outlives its day; what was seen intraday is no truth behind its close."""
        for day in [day for day in self.snapshots if day <= data.trading_day]:
            del self.snapshots[day]
        return {"expired": self._expire(self._over_by(data.trading_day))}

    def _over_by(self, day: date) -> tuple[str, ...]:
        return tuple(name for name, order in self.orders.items() if order.trading_day <= day)

    def _lacks_funds(self, order: str) -> bool:
        return self.orders[order].reason in FOR_LACK_OF_FUNDS

    def _expire(self, names: Iterable[str]) -> dict[str, int]:
        """End orders that have had no last word; return the lots that were filled of each."""
        filled = {name: self.orders[name].filled for name in names}
        for name in filled:
            self._end(name)
        return filled

    def _order(self, data: ForcedOrder) -> dict[str, Any]:
        name, was = data.order_id, self.orders.get(data.order_id)
        outdated = was is not None and (data.at < was.at or data.filled < was.filled)
        if outdated or name in self.over:
            return {"news": False}
        self.orders[name] = data
        self.placed.setdefault(name, data.at)
        if data.filled:
            self._trade(data.trading_day)
        if data.status in ENDINGS:
            self._end(name)
        return {"order": was}

    def _end(self, order: str) -> None:
        del self.orders[order]
        self.over.add(order)

    def _tick(self, data: Tick) -> dict[str, Any]:
        """An order for lack of funds is over once a later snapshot has no lack."""
        seen = self.snapshot
        if seen is None or seen.available < 0:
            return {}
        cured = [
            name for name in self.orders if self._lacks_funds(name) and seen.at > self.placed[name]
        ]
        for name in cured:
            self._end(name)
        return {"cured": tuple(cured)}

    def _baseline(self, data: Baseline) -> dict[str, Any]:
        self.opened_on = data.opened_on
        self._trade(data.last_trade_on)
        self.held_on = later(self.held_on, data.last_position_on)
        if data.last_trade_on or data.last_position_on:
            self.funded = self.funded or FUNDED_BEFORE
        told = {End("suitability_expiry"): data.risk_level_until}
        told[End("certificate_expiry")] = data.certificate_until
        return self._dated({end: until for end, until in told.items() if until is not None})

    def _agreement(self, data: Agreement) -> dict[str, Any]:
        return self._dated({End("rebate_expiry", data.kind, data.starts_on): data.ends_on})

    def _dated(self, told: dict[End, date | None]) -> dict[str, Any]:
        was = tuple((end, self.ends.get(end)) for end in told)
        self.ends |= told
        return {"ends": was}


TAKE: dict[str, Callable[[Client, Any], dict[str, Any]]] = {
    "funds.deposited": Client._deposit,
    "funds.withdrawn": Client._withdrawal,
    "funds.reversed": Client._reversal,
    "account.snapshotted": Client._snapshot,
    "account.settled": Client._settlement,
    "order.force-closed": Client._order,
    "clock.ticked": Client._tick,
    "day.closed": Client._close,
    "account.baselined": Client._baseline,
    "agreement.recorded": Client._agreement,
}


def later(one: date | None, other: date | None) -> date | None:
    """Return the later of two days, of which either may be unknown."""
    return max(one, other) if one and other else one or other
