"""Who a client is and who looks after them. Topic ``futures.customer.v1``, owner ingest, compacted.

Key: customer id. The value is the client's whole current state, so the last one is enough.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field, TypeAdapter

from shared.contracts.event import Code, Event, Model

CONTEXTS: Mapping[str, str] = {
    "sealed_name": "customer.name",
    "sealed_phone": "customer.phone",
    "sealed_id_card": "customer.id-card",
    "sealed_address": "customer.address",
    "sealed_birthday": "customer.birthday",
}
"""Sealed field → the context it is bound to; see ``shared.crypto``."""

SEALED_ADDRESS = 1200  # characters: 200 of Chinese, encrypted


class Tenure(Model):
    """任期 — who looked after an account before, from when and until when."""

    manager_id: Code
    since: date | None = None
    until: date | None = None


class Relation(Model):
    """关系 — one account of the client, and whose it is.

    ``since``: from when this manager. ``history``: the managers before, the first one first.
    """

    account: Code
    manager_id: Code | None = None
    branch_id: Code | None = None
    introducing_broker: Code | None = Field(default=None, description="居间人")
    since: date | None = None
    history: tuple[Tenure, ...] | None = Field(default=None, description="历任客户经理")


class Customer(Model):
    """The client; the name is masked for messages and sealed (encrypted) for those who may see.

    A sealed field is opened in its context of ``CONTEXTS``; an index is that of
    ``shared.blind_index``: equal for equal values, and no way back to them.
    """

    broker: Code
    customer_id: Code
    customer_type: str = Field(max_length=40, description="自然人, 一般法人, 特殊法人 …")
    display_name: str = Field(max_length=40, description="masked: 张**")
    sealed_name: str = Field(max_length=400, description="encrypted; see shared.crypto")
    customer_no: Code | None = Field(
        default=None, description="the broker's own number, where it became known after the id"
    )
    sealed_phone: str | None = Field(default=None, max_length=400, description="电话, encrypted")
    sealed_id_card: str | None = Field(
        default=None, max_length=400, description="证件号码, encrypted"
    )
    sealed_address: str | None = Field(
        default=None, max_length=SEALED_ADDRESS, description="地址, encrypted"
    )
    sealed_birthday: str | None = Field(
        default=None, max_length=400, description="出生日期 YYYY-MM-DD, encrypted"
    )
    occupation: str | None = Field(default=None, max_length=80, description="职业")
    income_source: str | None = Field(default=None, max_length=80, description="收入来源")
    phone_index: str | None = Field(
        default=None, max_length=80, description="blind index of the phone, to look it up by"
    )
    id_index: str | None = Field(
        default=None, max_length=80, description="blind index of the 证件号码"
    )
    relations: tuple[Relation, ...]
    tags: dict[str, str] = Field(default_factory=dict)


class CustomerChanged(Event):
    """客户及其关系变更."""

    type: Literal["customer.changed"] = "customer.changed"
    data: Customer


CUSTOMERS: TypeAdapter[CustomerChanged] = TypeAdapter(CustomerChanged)
