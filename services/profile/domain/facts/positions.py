"""持仓 — what each account holds now; and its forced liquidations (强平)."""

from collections.abc import Iterator
from datetime import datetime

from services.profile.domain.fact import ACCOUNT, DAY, OPTION, Facts, Place, closing, li, option
from services.profile.domain.table import Row, Table, sequence_of
from shared.contracts.bodies import AccountFact
from shared.contracts.dealings import Holding, PositionSnapshotted, PositionsSettled
from shared.contracts.trading import OrderForceClosed

POSITIONS = Table(
    "positions",
    (*ACCOUNT, "exchange text", "instrument text", "side text", "hedge text"),
    (
        *OPTION,
        "lots integer",
        "today_lots integer",
        "average_price numeric",
        "settlement_price numeric",
        "margin bigint",
        "profit_mtm bigint",
        "profit_tbt bigint",
    ),
    order=(DAY, "settled boolean", "at timestamptz", "sequence bigint"),
)
HELD = Table(
    "position_sets",
    ACCOUNT,
    (),
    order=(DAY, "sequence bigint"),
    members=("positions",),
)
FORCED = Table(
    "forced_orders",
    ("broker text", "order_id text"),
    (
        "account text",
        DAY,
        "exchange text",
        "instrument text",
        "direction text",
        "lots integer",
        "filled integer",
        "price bigint",
        "reason text",
        "status text",
    ),
    order=("at timestamptz", "sequence bigint"),
)


def _held(whose: AccountFact, held: Holding, **order: bool | int | datetime) -> Row:
    return POSITIONS.row(
        broker=whose.broker,
        account=whose.account,
        trading_day=whose.trading_day,
        exchange=held.exchange.value,
        instrument=held.instrument,
        side=held.side,
        hedge=held.hedge,
        **option(held.option),
        lots=held.lots,
        today_lots=held.today_lots,
        average_price=held.average_price,
        settlement_price=held.settlement_price,
        margin=li(held.margin),
        profit_mtm=li(held.profit_mtm),
        profit_tbt=li(held.profit_tbt),
        **order,
    )


def snapshotted(event: PositionSnapshotted, place: Place) -> Iterator[Row]:
    """Take one holding of a moment."""
    told, sequence = event.data, sequence_of(event.sequence)
    yield _held(told, told.holding, settled=False, at=told.at, sequence=sequence)


def settled(event: PositionsSettled, place: Place) -> Iterator[Row]:
    """Take everything the account holds at the day's end: what is not named is not held."""
    told, sequence = event.data, sequence_of(event.sequence)
    day = {"broker": told.broker, "account": told.account, "trading_day": told.trading_day}
    yield HELD.row(**day, sequence=sequence)
    end = closing(told.trading_day)
    for holding in told.holdings:
        yield _held(told, holding, settled=True, at=end, sequence=sequence)


def force_closed(event: OrderForceClosed, place: Place) -> Iterator[Row]:
    """Take an order's state now; an older one is ignored."""
    told = event.data.model_dump(exclude={"source", "rehearsal", "backfill"})
    told |= {"price": li(event.data.price), "status": event.data.status.value}
    yield FORCED.row(**told, sequence=sequence_of(event.sequence))


FACTS = Facts(
    (POSITIONS, HELD, FORCED),
    {
        "position.snapshotted": snapshotted,
        "positions.settled": settled,
        "order.force-closed": force_closed,
    },
)
