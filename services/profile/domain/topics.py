"""主题 — what profile reads: topic → how its records are read. One line for one more topic."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from shared.contracts.alerts import ALERTS
from shared.contracts.customers import CUSTOMERS
from shared.contracts.deliveries import DELIVERIES
from shared.contracts.replies import REPLIES
from shared.contracts.staff import STAFF
from shared.contracts.stream import STREAM
from shared.contracts.topics import ACCOUNT, ALERT, CUSTOMER, DELIVERY, REPLY, Topic
from shared.contracts.topics import STAFF as STAFF_TOPIC

READ: Mapping[Topic, TypeAdapter[Any]] = {
    CUSTOMER: CUSTOMERS,
    STAFF_TOPIC: STAFF,
    ACCOUNT: STREAM,
    ALERT: ALERTS,
    DELIVERY: DELIVERIES,
    REPLY: REPLIES,
}
