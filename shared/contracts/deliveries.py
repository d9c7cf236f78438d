"""What became of each message. Topic ``notify.delivery.v1``, owner notify.

Key: ``broker:account``. An intent is one revision of an alert on its way to one member of staff by
one channel; it ends once, and a channel that has receipts says later whether it arrived. Ids are
derived: a consumer drops a repeated ``id``. No text, no name and no number of a phone is in it.
"""

from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt, TypeAdapter

from shared.contracts.event import Code, Event, Model


class Delivery(Model):
    """投递 — which intent. ``step``: 1 the first way, a higher one what followed."""

    broker: Code
    account: Code
    alert_id: UUID
    revision: PositiveInt
    intent_id: UUID
    step: PositiveInt
    channel: Code
    receiver: Code = Field(description="staff id")


class DeliveryEnd(Delivery):
    """投递结果 — ``ambiguous``: it may have arrived; asking again might tell twice."""

    end: Literal["sent", "rejected", "ambiguous"]
    reason: str = Field(max_length=80, description="ok, or why not, in a word")
    attempts: NonNegativeInt
    message_id: str = Field(default="", max_length=200, description="the gateway's own number")
    at: AwareDatetime


class DeliveryReceipt(Delivery):
    """回执 — what the operator reports of a message that the gateway had taken."""

    arrived: bool
    reason: str = Field(max_length=80, description="ok, or why not, in a word")
    at: AwareDatetime


class DeliveryEnded(Event):
    """投递结束."""

    type: Literal["delivery.ended"] = "delivery.ended"
    data: DeliveryEnd


class DeliveryReceipted(Event):
    """回执到达."""

    type: Literal["delivery.receipted"] = "delivery.receipted"
    data: DeliveryReceipt


DeliveryEvent = Annotated[DeliveryEnded | DeliveryReceipted, Field(discriminator="type")]
DELIVERIES: TypeAdapter[DeliveryEvent] = TypeAdapter(DeliveryEvent)


def ended(end: DeliveryEnd) -> DeliveryEnded:
    """Return the event of an intent's end; its id follows from the intent."""
    return DeliveryEnded(
        id=str(uuid5(end.intent_id, "ended")),
        source="guanchao/notify",
        subject=f"{end.broker}:{end.account}",
        time=end.at,
        data=end,
    )


def receipted(receipt: DeliveryReceipt) -> DeliveryReceipted:
    """Return the event of a receipt; its id follows from the intent and what the receipt says."""
    return DeliveryReceipted(
        id=str(uuid5(receipt.intent_id, f"receipt|{receipt.arrived}")),
        source="guanchao/notify",
        subject=f"{receipt.broker}:{receipt.account}",
        time=receipt.at,
        data=receipt,
    )
