"""Who looks after which client. Topic ``futures.customer.v1``, owner ingest, compacted.

Key: customer id. The value is the client's whole current state, so the last one is enough.
"""

from datetime import date
from typing import Literal

from pydantic import Field, TypeAdapter

from shared.contracts.event import Code, Event, Model


class Relation(Model):
    """关系 — one account of the client, and whose it is."""

    account: Code
    manager_id: Code | None = None
    branch_id: Code | None = None
    introducing_broker: Code | None = Field(default=None, description="居间人")
    since: date | None = None


class Customer(Model):
    """The client; the name is masked for messages and sealed (encrypted) for those who may see."""

    broker: Code
    customer_id: Code
    customer_type: str = Field(max_length=40, description="自然人, 一般法人, 特殊法人 …")
    display_name: str = Field(max_length=40, description="masked: 张**")
    sealed_name: str = Field(max_length=400, description="encrypted; see shared.crypto")
    relations: tuple[Relation, ...]
    tags: dict[str, str] = Field(default_factory=dict)


class CustomerChanged(Event):
    """客户关系变更."""

    type: Literal["customer.changed"] = "customer.changed"
    data: Customer


CUSTOMERS: TypeAdapter[CustomerChanged] = TypeAdapter(CustomerChanged)
