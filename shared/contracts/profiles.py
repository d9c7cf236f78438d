"""What has become of a client. Topic ``profile.customer.v1``, owner profile.

Key: customer id. Told when a whole trading day is computed. Ids are derived: a night that is
computed again tells the same events, and a consumer drops a repeated ``id``.
"""

from datetime import date
from typing import Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field, TypeAdapter

from shared.contracts.event import Code, Event, Model

NAMES = UUID("5f0c7c5e-6a5e-4d0e-9d53-1d5f2f4f9f10")


class Eligible(Model):
    """可开通 — a client meets every condition of a special permission and does not have it."""

    broker: Code
    customer_id: Code
    account: Code
    permission: Code = Field(description="class of products, as in the permissions' table")
    products: tuple[str, ...] = Field(description="what it opens, in the trade's words")
    trading_day: date = Field(description="the day whose settlement made it so")


class PermissionBecameEligible(Event):
    """可开通特殊品种."""

    type: Literal["permission.became-eligible"] = "permission.became-eligible"
    data: Eligible


PROFILES: TypeAdapter[PermissionBecameEligible] = TypeAdapter(PermissionBecameEligible)


def became_eligible(told: Eligible, at: AwareDatetime) -> PermissionBecameEligible:
    """Return the event; it is the same one for a client, permission and day."""
    name = f"{told.broker}|{told.account}|{told.permission}|{told.trading_day}"
    return PermissionBecameEligible(
        id=str(uuid5(NAMES, name)),
        source="guanchao/profile",
        subject=told.customer_id,
        time=at,
        data=told,
    )
