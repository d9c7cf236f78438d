"""实时流 — the day's events as CloudEvents, in the form of the public contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.synthetic.book import yuan
from deploy.synthetic.cast import Actor, Cast
from deploy.synthetic.flaws import spoilt
from deploy.synthetic.script import (
    Act,
    Again,
    Broken,
    Deposit,
    Order,
    Reverse,
    Seen,
    Snapshot,
    Statement,
    Unseen,
    Withdraw,
)
from deploy.synthetic.stage import Stage
from shared.contracts.trading import (
    AccountSettled,
    AccountSnapshotted,
    ClockTicked,
    ForcedOrder,
    Funds,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
    OrderForceClosed,
    Reversal,
    Settlement,
    Tick,
    TradingEvent,
    account_key,
)
from shared.contracts.trading import Snapshot as SnapshotBody

BROKER, STREAM = "demo", "stream"
SOURCE, CLOCK_SOURCE = "synthetic/stream", "synthetic/clock"


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


def tick(at: datetime, stage: Stage) -> Posting:
    """Return a minute of the one clock, with when the stream was last heard."""
    heard = {STREAM: stage.heard(at)}
    event = ClockTicked(
        id=at.isoformat(timespec="minutes"),
        source=CLOCK_SOURCE,
        time=at,
        data=Tick(broker=BROKER, trading_day=stage.calendar.at(at), at=at, heard=heard),
    )
    return Posting(at, wire(event))


def acted(cast: Cast) -> Iterator[Posting]:
    """Return what the actors' acts show in the stream."""
    for actor in cast.actors:
        for act in actor.episode.acts:
            if _streams(act):
                yield _posting(cast, actor, act)


def identity(cast: Cast, actor: Actor, at: str) -> str:
    """Return the identity of the event that an actor's act of a moment posts."""
    return _posting(cast, actor, actor.act_at(at)).identity


def _streams(act: Act) -> bool:
    if isinstance(act, Withdraw | Deposit):
        return act.seen is Seen.BOTH
    return not isinstance(act, Unseen)


def _posting(cast: Cast, actor: Actor, act: Any) -> Posting:
    at = cast.stage.moment(act.at)
    match act:
        case Again():
            return Posting(at, _posting(cast, actor, actor.act_at(act.of)).event)
        case Broken():
            whole = _posting(cast, actor, Withdraw(act.at, "9000000.00"))
            return Posting(at, spoilt(whole.event, act.flaw), good=False)
    return Posting(at, wire(_event(cast, actor, act, at)))


def _event(cast: Cast, actor: Actor, act: Any, at: datetime) -> TradingEvent:
    on = getattr(act, "on", 0)
    day, serial = cast.stage.on(on), cast.stage.serial(actor.account, act.at, on)
    fact = {"broker": BROKER, "account": actor.account, "trading_day": day, "source": STREAM}
    head = {"source": SOURCE, "subject": account_key(BROKER, actor.account), "time": at}
    match act:
        case Withdraw() | Deposit():
            funds = Funds(**fact, amount=act.amount, happened_at=at, serial=serial)
            if isinstance(act, Withdraw):
                return FundsWithdrawn(**head, id=f"funds-{serial}", data=funds)
            return FundsDeposited(**head, id=f"funds-{serial}", data=funds)
        case Reverse():
            taken = actor.act_at(act.of)
            back = Reversal(
                **fact,
                amount=taken.amount,  # type: ignore[union-attr]
                happened_at=at,
                serial=serial,
                reverses=cast.stage.serial(actor.account, act.of),
                direction="withdrawal" if isinstance(taken, Withdraw) else "deposit",
            )
            return FundsReversed(**head, id=f"funds-{serial}", data=back)
        case Snapshot():
            equity = act.equity or yuan(cast.equity_at(actor, at))
            figures = {
                "equity": equity,
                "available": act.available,
                "margin": act.margin,
                "exchange_margin": act.exchange_margin,
            }
            state = SnapshotBody(**fact, **figures, at=at)
            return AccountSnapshotted(**head, id=f"snapshot-{serial}", data=state)
        case Statement():
            equity = yuan(cast.equity_at(actor, at))
            settled = {"equity": equity, "available": equity, "traded_lots": act.traded_lots}
            statement = Settlement(**fact, **settled, position_lots=0)
            return AccountSettled(**head, id=f"settled-{serial}", data=statement)
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


def wire(event: TradingEvent) -> dict[str, Any]:
    """Return the event as it is posted: what is absent is left out."""
    body: dict[str, Any] = event.model_dump(mode="json", exclude_none=True)
    return body
