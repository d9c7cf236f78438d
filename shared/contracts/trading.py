"""What happens in a client's futures account. Topic ``futures.account.v1``, owner ingest.

Key: ``broker:account``, one ordered stream per account. ``clock.ticked`` and ``day.closed`` go into
every partition, with subject ``clock``. Money is in 元 as a string, exact to 厘 (0.001).
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from shared.contracts.bodies import (
    AccountFact,
    Agreement,
    Balances,
    Baseline,
    DayClose,
    ForcedOrder,
    Funds,
    FundsChannel,
    OrderStatus,
    Reversal,
    Settlement,
    Snapshot,
    Tick,
)
from shared.contracts.event import Event

__all__ = [
    "CLOCK_SUBJECT",
    "TRADING",
    "AccountBaselined",
    "AccountEvent",
    "AccountFact",
    "AccountSettled",
    "AccountSnapshotted",
    "Agreement",
    "AgreementRecorded",
    "Balances",
    "Baseline",
    "ClockTicked",
    "DayClose",
    "DayClosed",
    "ForcedOrder",
    "Funds",
    "FundsChannel",
    "FundsDeposited",
    "FundsReversed",
    "FundsWithdrawn",
    "OrderForceClosed",
    "OrderStatus",
    "Reversal",
    "Settlement",
    "Snapshot",
    "Tick",
    "TradingEvent",
    "account_key",
]

CLOCK_SUBJECT = "clock"


class FundsDeposited(Event):
    """入金."""

    type: Literal["funds.deposited"] = "funds.deposited"
    data: Funds


class FundsWithdrawn(Event):
    """出金."""

    type: Literal["funds.withdrawn"] = "funds.withdrawn"
    data: Funds


class FundsReversed(Event):
    """冲正."""

    type: Literal["funds.reversed"] = "funds.reversed"
    data: Reversal


class AccountSnapshotted(Event):
    """盘中资金."""

    type: Literal["account.snapshotted"] = "account.snapshotted"
    data: Snapshot


class AccountSettled(Event):
    """日终结算; again for the same day when a replacement file corrects it."""

    type: Literal["account.settled"] = "account.settled"
    data: Settlement


class OrderForceClosed(Event):
    """强平单."""

    type: Literal["order.force-closed"] = "order.force-closed"
    data: ForcedOrder


class AccountBaselined(Event):
    """账户基线."""

    type: Literal["account.baselined"] = "account.baselined"
    data: Baseline


class AgreementRecorded(Event):
    """协议."""

    type: Literal["agreement.recorded"] = "agreement.recorded"
    data: Agreement


class ClockTicked(Event):
    """A minute has passed."""

    type: Literal["clock.ticked"] = "clock.ticked"
    subject: Literal["clock"] = "clock"
    data: Tick


class DayClosed(Event):
    """A trading day is settled."""

    type: Literal["day.closed"] = "day.closed"
    subject: Literal["clock"] = "clock"
    data: DayClose


AccountEvent = (
    FundsDeposited
    | FundsWithdrawn
    | FundsReversed
    | AccountSnapshotted
    | AccountSettled
    | OrderForceClosed
    | AccountBaselined
    | AgreementRecorded
)
TradingEvent = Annotated[AccountEvent | ClockTicked | DayClosed, Field(discriminator="type")]
TRADING: TypeAdapter[TradingEvent] = TypeAdapter(TradingEvent)


def account_key(broker: str, account: str) -> str:
    """Return the Kafka key, which is also the subject, of an account's events."""
    return f"{broker}:{account}"
