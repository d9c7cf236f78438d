"""资金 — each day's figures, those of now, and every movement of money."""

from collections.abc import Iterator
from typing import Any

from services.profile.domain.fact import ACCOUNT, DAY, Facts, Place, closing, li
from services.profile.domain.table import Row, Table, sequence_of
from shared.contracts.bodies import Balances
from shared.contracts.trading import (
    AccountSettled,
    AccountSnapshotted,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
)

FIGURES = (
    "equity",
    "available",
    "margin",
    "exchange_margin",
    "close_profit",
    "position_profit",
    "commission",
    "deposit",
    "withdrawal",
)
SAID = tuple(f"{figure} bigint" for figure in FIGURES)

DAYS = Table(
    "account_days",
    (*ACCOUNT, DAY),
    ("opening_equity bigint", *SAID, "traded_lots integer", "position_lots integer"),
    dated=True,
)
NOW = Table(
    "live_funds",
    ACCOUNT,
    SAID,
    order=(DAY, "settled boolean", "at timestamptz", "sequence bigint"),
)
FLOWS = Table(
    "flows",
    (*ACCOUNT, DAY, "source text", "event_id text"),
    (
        "direction text",
        "amount bigint",
        "currency text",
        "happened_at timestamptz",
        "channel text",
        "serial text",
        "reverses text",
    ),
    dated=True,
)


def _figures(told: Balances) -> dict[str, Any]:
    whose = {"broker": told.broker, "account": told.account, "trading_day": told.trading_day}
    return {**whose, **{figure: li(getattr(told, figure)) for figure in FIGURES}}


def settled(event: AccountSettled, place: Place) -> Iterator[Row]:
    """Take the day's final figures; they hold until the next day begins."""
    told, sequence = event.data, sequence_of(event.sequence)
    figures = _figures(told)
    yield DAYS.row(
        **figures,
        opening_equity=li(told.opening_equity),
        traded_lots=told.traded_lots,
        position_lots=told.position_lots,
        sequence=sequence,
    )
    yield NOW.row(**figures, settled=True, at=closing(told.trading_day), sequence=sequence)


def snapshotted(event: AccountSnapshotted, place: Place) -> Iterator[Row]:
    """Take the figures of a moment."""
    sequence = sequence_of(event.sequence)
    yield NOW.row(**_figures(event.data), settled=False, at=event.data.at, sequence=sequence)


DIRECTIONS = {
    ("funds.deposited", None): "deposit",
    ("funds.withdrawn", None): "withdrawal",
    ("funds.reversed", None): "reversal",
    ("funds.reversed", "deposit"): "deposit-reversed",
    ("funds.reversed", "withdrawal"): "withdrawal-reversed",
}
"""Type and what it takes back → the word of the row. A reversal is a row of its own."""


def moved(event: FundsDeposited | FundsWithdrawn | FundsReversed, place: Place) -> Iterator[Row]:
    """Take one movement, named by the event; a reversal names the serial that it takes back."""
    told = event.data
    back = getattr(told, "direction", None)
    yield FLOWS.row(
        broker=told.broker,
        account=told.account,
        trading_day=told.trading_day,
        source=event.source,
        event_id=event.id,
        direction=DIRECTIONS[event.type, back],
        amount=li(told.amount),
        currency=told.currency,
        happened_at=told.happened_at,
        channel=told.channel.value,
        serial=told.serial,
        reverses=getattr(told, "reverses", None),
        sequence=sequence_of(event.sequence),
    )


FACTS = Facts(
    (DAYS, NOW, FLOWS),
    {
        "account.settled": settled,
        "account.snapshotted": snapshotted,
        "funds.deposited": moved,
        "funds.withdrawn": moved,
        "funds.reversed": moved,
    },
)
