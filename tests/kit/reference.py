"""An oracle: which alerts a list of account events must raise, in the plainest Python there is.

Single-threaded, written from the public definitions alone; it shares nothing with the services.
``expected(events)`` takes the events as they were told, repeats and all, in the order of the log.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from shared.contracts.trading import (
    AccountBaselined,
    AccountSettled,
    AccountSnapshotted,
    Baseline,
    ClockTicked,
    DayClosed,
    ForcedOrder,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
    OrderForceClosed,
    OrderStatus,
    Settlement,
    TradingEvent,
)
from shared.kernel.trading_day import Calendar, china

FOR_LACK_OF_FUNDS = "189"
ENDINGS = (OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED)


@dataclass(frozen=True)
class Lines:
    """The thresholds as the product ships them."""

    limit: Decimal = Decimal(5_000_000)
    floor: Decimal = Decimal(500_000)
    share: Decimal = Decimal("0.5")
    days: int = 2
    total: Decimal = Decimal(100_000)
    equity: Decimal = Decimal(1_000)
    years: int = 1
    raise_before: int = 10
    remind_before: int = 3


class Expected(NamedTuple):
    """One alert event that must come: ``account`` is ``broker:account``."""

    type: str
    rule: str
    account: str
    episode: str
    revision: int


class Run(NamedTuple):
    """An unbroken run of trading days with settled available below zero."""

    first: date
    days: int
    total: Decimal


@dataclass
class Client:
    """Everything heard of one account."""

    key: str
    withdrawn: defaultdict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    net: defaultdict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    level: defaultdict[date, int] = field(default_factory=lambda: defaultdict(int))
    settled: dict[date, Settlement] = field(default_factory=dict)
    in_debt: dict[date, Run] = field(default_factory=dict)  # what was told on which day
    available: Decimal | None = None
    available_at: datetime | None = None
    orders: dict[str, ForcedOrder] = field(default_factory=dict)
    placed: dict[str, datetime] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    baseline: Baseline | None = None
    traded_on: date | None = None
    warned: dict[date, int] = field(default_factory=dict)
    revisions: Counter[tuple[str, str]] = field(default_factory=Counter)

    def last_settlement(self) -> Settlement | None:
        return self.settled[max(self.settled)] if self.settled else None

    def opening(self, day: date) -> Decimal | None:
        own = self.settled.get(day)
        if own is not None and own.opening_equity is not None:
            return own.opening_equity
        earlier = [settled for settled in self.settled if settled < day]
        return self.settled[max(earlier)].equity if earlier else None


@dataclass
class Oracle:
    """The definitions, applied to one event after the other."""

    lines: Lines = Lines()
    calendar: Calendar = field(default_factory=china)
    clients: dict[str, Client] = field(default_factory=dict)
    heard: set[tuple[str, str]] = field(default_factory=set)

    def tell(self, event: TradingEvent) -> list[Expected]:
        """Return what this event must raise; a known identity raises nothing."""
        if (event.source, event.id) in self.heard:
            return []
        self.heard.add((event.source, event.id))
        if isinstance(event, ClockTicked):
            touched = [client for client in self.clients.values() if client.orders]
        elif isinstance(event, DayClosed):
            touched = list(self.clients.values())
        else:
            touched = [self.clients.setdefault(event.subject, Client(event.subject))]
        found = [alert for client in touched for alert in self._about(client, event)]
        return [] if getattr(event.data, "backfill", False) else found

    def _about(  # noqa: C901 one case a type
        self, client: Client, event: TradingEvent
    ) -> Iterator[Expected]:
        match event:
            case FundsWithdrawn(data=funds):
                client.withdrawn[funds.trading_day] += funds.amount
                client.net[funds.trading_day] -= funds.amount
                yield from self._large(client)
            case FundsReversed(data=back):
                sign = 1 if back.direction == "withdrawal" else -1
                client.net[back.trading_day] += sign * back.amount
                if sign > 0:
                    client.withdrawn[back.trading_day] -= back.amount
                    yield from self._large(client)
            case FundsDeposited(data=funds):
                client.net[funds.trading_day] += funds.amount
                yield from self._woken(client, funds.trading_day)
            case AccountSnapshotted(data=state):
                if client.available_at is None or state.at > client.available_at:
                    client.available, client.available_at = state.available, state.at
            case AccountSettled(data=settlement):
                client.settled[settlement.trading_day] = settlement
                yield from self._large(client)
                yield from self._overdraft(client, settlement.trading_day)
                yield from self._woken(client, settlement.trading_day)
            case OrderForceClosed(data=order):
                yield from self._order(client, order)
                yield from self._woken(client, order.trading_day)
            case ClockTicked():
                yield from self._cures(client)
            case AccountBaselined(data=baseline):
                client.baseline = baseline
                yield from self._woken(client, baseline.trading_day)
            case DayClosed(data=close):
                yield from self._dormancy(client, close.trading_day)

    def _alert(self, client: Client, step: str, rule: str, episode: object) -> Expected:
        client.revisions[rule, str(episode)] += 1
        revision = client.revisions[rule, str(episode)]
        return Expected(f"alert.{step}", rule, client.key, str(episode), revision)

    def _large(self, client: Client) -> Iterator[Expected]:
        lines = self.lines
        for day, total in client.withdrawn.items():
            share = lines.share * (client.opening(day) or 0)
            level = max(0, int(total // min(lines.limit, max(lines.floor, share))))
            before, client.level[day] = client.level[day], level
            if level > before:
                yield self._alert(
                    client, "updated" if before else "raised", "large_withdrawal", day
                )
            elif before and not level:
                yield self._alert(client, "withdrawn", "large_withdrawal", day)

    def _overdraft(self, client: Client, day: date) -> Iterator[Expected]:
        if day != max(client.settled):
            return
        now, at = Run(day, 0, Decimal(0)), day
        while at in client.settled and client.settled[at].available < 0:
            now = Run(at, now.days + 1, now.total - client.settled[at].available)
            at = self.calendar.before(at)
        was = client.in_debt.pop(day, None)
        if now.days >= self.lines.days and now.total >= self.lines.total:
            told = was or any(run.first == now.first for run in client.in_debt.values())
            client.in_debt[day] = now
            if was != now:
                step = "updated" if told else "raised"
                yield self._alert(client, step, "consecutive_overdraft", now.first)
        elif was is not None:
            yield self._alert(client, "withdrawn", "consecutive_overdraft", was.first)

    def _order(self, client: Client, order: ForcedOrder) -> Iterator[Expected]:
        name, was = order.order_id, client.orders.get(order.order_id)
        if name in client.over or (was and (order.at < was.at or order.filled < was.filled)):
            return
        client.orders[name] = order
        client.placed.setdefault(name, order.at)
        if order.filled:
            client.traded_on = max(client.traded_on or order.trading_day, order.trading_day)
        if was is None:
            yield self._alert(client, "raised", "forced_liquidation", name)
        if order.status in ENDINGS:
            client.over.add(name)
            step = "confirmed" if order.filled else "withdrawn"
            yield self._alert(client, step, "forced_liquidation", name)
        elif was is not None and (was.filled, was.status) != (order.filled, order.status):
            yield self._alert(client, "updated", "forced_liquidation", name)

    def _cures(self, client: Client) -> Iterator[Expected]:
        if client.available is None or client.available < 0 or client.available_at is None:
            return
        for name, order in client.orders.items():
            needed = order.reason in FOR_LACK_OF_FUNDS and name not in client.over
            if needed and client.available_at > client.placed[name]:
                client.over.add(name)
                yield self._alert(client, "confirmed", "forced_liquidation", name)

    def _dormancy(self, client: Client, day: date) -> Iterator[Expected]:
        judgement = self.calendar.judgement_day(self.calendar.after(day))
        left = self.calendar.distance(day, judgement)
        stage = (left <= self.lines.raise_before) + (left <= self.lines.remind_before)
        told = client.warned.get(judgement, 0)
        if stage > told and self._dormant(client, judgement):
            client.warned[judgement] = stage
            yield self._alert(client, "updated" if told else "raised", "near_dormancy", judgement)
        yield from self._woken(client, day)

    def _woken(self, client: Client, day: date) -> Iterator[Expected]:
        for judgement, told in client.warned.items():
            if told and judgement >= day and not self._dormant(client, judgement):
                client.warned[judgement] = 0
                yield self._alert(client, "withdrawn", "near_dormancy", judgement)

    def _dormant(self, client: Client, judgement: date) -> bool:
        baseline, settled = client.baseline, client.last_settlement()
        if baseline is None or settled is None or settled.position_lots:
            return False
        year = judgement.replace(year=judgement.year - self.lines.years)
        seen = [baseline.last_trade_on, baseline.last_position_on, client.traded_on]
        for one in client.settled.values():
            seen += [one.trading_day] if one.traded_lots or one.position_lots else []
        coming = sum(net for day, net in client.net.items() if day > settled.trading_day)
        return (
            baseline.opened_on <= year
            and not any(day is not None and day >= year for day in seen)
            and settled.equity + max(Decimal(0), Decimal(coming)) <= self.lines.equity
        )


def expected(events: Iterable[TradingEvent], lines: Lines | None = None) -> list[Expected]:
    """Return every alert event that the events must raise, in their order."""
    oracle = Oracle(lines or Lines())
    return [alert for event in events for alert in oracle.tell(event)]
