"""实时流 — the day's events as CloudEvents, in the form of the public contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deploy.synthetic.book import yuan
from deploy.synthetic.cast import Actor, Cast
from deploy.synthetic.chance import between, chance
from deploy.synthetic.flaws import spoilt
from deploy.synthetic.population import Population
from deploy.synthetic.script import (
    Again,
    Broken,
    Deposit,
    Order,
    Reverse,
    Seen,
    Snapshot,
    Traded,
    Withdraw,
)
from deploy.synthetic.stage import MINUTE, Stage
from shared.contracts.trading import (
    AccountSnapshotted,
    ClockTicked,
    ForcedOrder,
    Funds,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
    OrderForceClosed,
    Reversal,
    Tick,
    TradingEvent,
    account_key,
)
from shared.contracts.trading import Snapshot as SnapshotBody
from shared.kernel.trading_day import Calendar

BROKER = "demo"
SOURCE, CLOCK_SOURCE = "synthetic/stream", "synthetic/clock"
LIVE_AT_MOST = 20_000  # events of the quiet clients in a day, however many they are
REPEAT_EVERY = 50
LATE_COMERS = 16  # minutes that the quiet clients leave to the actors


@dataclass(frozen=True)
class Posting:
    """An event and the moment at which it is posted; ``good`` False: it must be refused."""

    at: datetime
    event: dict[str, Any]
    good: bool = True

    @property
    def identity(self) -> str:
        """CloudEvents' identity: source and id."""
        return f"{self.event['source']}|{self.event.get('id', '')}"


def tick(at: datetime, calendar: Calendar) -> Posting:
    """Return a minute of the one clock."""
    event = ClockTicked(
        id=at.isoformat(timespec="minutes"),
        source=CLOCK_SOURCE,
        time=at,
        data=Tick(broker=BROKER, trading_day=calendar.at(at), at=at),
    )
    return Posting(at, _wire(event))


def acted(cast: Cast) -> Iterator[Posting]:
    """Return what the actors' acts show in the stream."""
    for actor in cast.actors:
        for act in actor.episode.acts:
            if not isinstance(act, Traded) and _streams(act):
                yield _posting(cast, actor, act)


def identity(cast: Cast, actor: Actor, at: str) -> str:
    """Return the identity of the event that an actor's act of a moment posts."""
    return _posting(cast, actor, actor.act_at(at)).identity


def murmur(population: Population, stage: Stage) -> Iterator[Posting]:
    """Return what the quiet clients do on the play's day: movements and snapshots, some twice."""
    every = max(1, population.size * 2 // LIVE_AT_MOST)
    for number in range(0, population.size, every):
        bits = chance(population.seed, 8, number, stage.day.toordinal())
        moved = population.moved(number, stage.day)
        if moved and population.is_live(number, stage.day):
            posting = _movement(population, stage, number, moved)
            yield posting
            if not bits % REPEAT_EVERY:
                yield Posting(posting.at + timedelta(minutes=1), posting.event)
        yield _state(population, stage, number)


def _streams(act: Withdraw | Deposit | Reverse | Again | Snapshot | Order | Broken) -> bool:
    return not isinstance(act, Withdraw | Deposit) or act.seen is Seen.BOTH


def _posting(cast: Cast, actor: Actor, act: Any) -> Posting:
    at = cast.stage.moment(act.at)
    match act:
        case Again():
            return Posting(at, _posting(cast, actor, actor.act_at(act.of)).event)
        case Broken():
            whole = _posting(cast, actor, Withdraw(act.at, "9000000.00"))
            return Posting(at, spoilt(whole.event, act.flaw), good=False)
    return Posting(at, _wire(_event(cast, actor, act, at)))


def _event(cast: Cast, actor: Actor, act: Any, at: datetime) -> TradingEvent:
    day = cast.stage.on(getattr(act, "on", 0))
    serial = f"{day:%Y%m%d}-{actor.account}-{at:%H%M%S}"
    fact = {"broker": BROKER, "account": actor.account, "trading_day": day, "source": "stream"}
    head = {"source": SOURCE, "subject": account_key(BROKER, actor.account), "time": at}
    match act:
        case Withdraw() | Deposit():
            funds = Funds(**fact, amount=act.amount, happened_at=at, serial=serial)
            if isinstance(act, Withdraw):
                return FundsWithdrawn(**head, id=f"funds-{serial}", data=funds)
            return FundsDeposited(**head, id=f"funds-{serial}", data=funds)
        case Reverse():
            taken = actor.act_at(act.of)
            of = cast.stage.moment(act.of)
            back = Reversal(
                **fact,
                amount=taken.amount,  # type: ignore[union-attr]
                happened_at=at,
                serial=serial,
                reverses=f"{day:%Y%m%d}-{actor.account}-{of:%H%M%S}",
                direction="withdrawal" if isinstance(taken, Withdraw) else "deposit",
            )
            return FundsReversed(**head, id=f"funds-{serial}", data=back)
        case Snapshot():
            equity = yuan(cast.equity_at(actor, at))
            state = SnapshotBody(**fact, equity=equity, available=act.available, at=at)
            return AccountSnapshotted(**head, id=f"snapshot-{serial}", data=state)
        case Order():
            order = ForcedOrder(
                **fact,
                order_id=f"{day:%Y%m%d}-{actor.account}-{act.order}",
                exchange=act.exchange,
                instrument=act.instrument,
                direction=act.direction,
                lots=act.lots,
                filled=act.filled,
                price="3105.00",
                reason=act.reason,
                status=act.status,
                at=at,
            )
            return OrderForceClosed(**head, id=f"order-{serial}-{act.order}", data=order)
    raise TypeError(f"{type(act).__name__} is no event")


def _movement(population: Population, stage: Stage, number: int, moved: int) -> Posting:
    account, at = population.account(number), _some_moment(population, stage, number, 9)
    serial = f"{stage.day:%Y%m%d}-{account}"
    type_ = FundsDeposited if moved > 0 else FundsWithdrawn
    event = type_(
        id=f"funds-{serial}",
        source=SOURCE,
        subject=account_key(BROKER, account),
        time=at,
        data=Funds(
            broker=BROKER,
            account=account,
            trading_day=stage.day,
            source="stream",
            amount=yuan(abs(moved)),
            happened_at=at,
            serial=serial,
        ),
    )
    return Posting(at, _wire(event))


def _state(population: Population, stage: Stage, number: int) -> Posting:
    account, at = population.account(number), _some_moment(population, stage, number, 10)
    now = population.balance(number, stage.day, stage.history[-1])
    event = AccountSnapshotted(
        id=f"snapshot-{stage.day:%Y%m%d}-{account}",
        source=SOURCE,
        subject=account_key(BROKER, account),
        time=at,
        data=SnapshotBody(
            broker=BROKER,
            account=account,
            trading_day=stage.day,
            source="stream",
            equity=yuan(now.equity),
            available=yuan(now.available),
            margin=yuan(now.margin),
            at=at,
        ),
    )
    return Posting(at, _wire(event))


def _some_moment(population: Population, stage: Stage, number: int, what: int) -> datetime:
    bits = chance(population.seed, what, number, stage.day.toordinal())
    minutes = [(begin, int((end - begin) / MINUTE)) for begin, end in stage.sessions]
    minute = between(LATE_COMERS, sum(length for _, length in minutes) - 1, bits)
    begin = stage.sessions[0][0]
    for start, length in minutes:
        if minute < length:
            begin = start
            break
        minute -= length
    return begin + MINUTE * minute + timedelta(seconds=bits >> 32 & 31)


def _wire(event: TradingEvent) -> dict[str, Any]:
    wire: dict[str, Any] = event.model_dump(mode="json", exclude_none=True)
    return wire
