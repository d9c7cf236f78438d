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
    """可开通 — an account meets, since this day, every condition of classes it has not opened.

    ``names`` are the classes' in the trade's words, in the order of ``permissions``.
    """

    broker: Code
    customer_id: Code
    account: Code
    permissions: tuple[Code, ...] = Field(min_length=1, description="classes of products")
    names: tuple[str, ...] = Field(min_length=1, description="原油期货和期权 …")
    trading_day: date = Field(description="the day whose settlement made it so")


class PermissionBecameEligible(Event):
    """可开通特殊品种."""

    type: Literal["permission.became-eligible"] = "permission.became-eligible"
    data: Eligible


PROFILES: TypeAdapter[PermissionBecameEligible] = TypeAdapter(PermissionBecameEligible)


def became_eligible(told: Eligible, at: AwareDatetime) -> PermissionBecameEligible:
    """Return the event; it is the same one for an account, a day, and the same classes."""
    classes = ",".join(told.permissions)
    name = f"{told.broker}|{told.account}|{classes}|{told.trading_day}"
    return PermissionBecameEligible(
        id=str(uuid5(NAMES, name)),
        source="guanchao/profile",
        subject=told.customer_id,
        time=at,
        data=told,
    )
