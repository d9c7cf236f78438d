"""What mot has noticed. Topic ``mot.alert.v1``, owner mot: the public product.

Key: ``broker:account``. One alert has one ``alert_id`` and growing ``revision``s, each an event
with an id of its own. A consumer drops a repeated ``id`` and ignores lower revisions of an
``alert_id``.
"""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt, TypeAdapter

from shared.contracts.event import Code, Event, Model
from shared.kernel.trading_day import TradingDay

FEED = "feed"
"""The account code that stands for a broker's data sources: nobody's client, the desk's matter."""


class Urgency(StrEnum):
    """高: phone, SMS and WeCom at once; 中: the receiver's channel; 低: mail or digest."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


class Module(StrEnum):
    """The product's three modules."""

    MOVEMENT = "异动"
    REMINDER = "提醒"
    NOTICE = "公告"


class Passport(Model):
    """What the alert follows from, and nothing that differs between two runs of the same log.

    With ``event`` it is enough to derive the alert again; alerts from before 2026-11 have none.
    """

    rule: Code | None = None
    rule_version: PositiveInt
    urgency: Urgency | None = None
    thresholds: dict[str, str]
    calendar: str
    topic: str
    partition: NonNegativeInt
    offset: NonNegativeInt
    event_id: str
    before: str = Field(description="the account's compact state before the event, JSON")
    event: str | None = Field(default=None, description="the event as mot read it, canonical JSON")
    rehearsal: bool = Field(default=False, description="the memory of an exchange's weekend test")


class Alert(Model):
    """提醒内容. ``facts`` are name → what a person reads; ``action`` is the runbook's sentence.

    ``tell_from``: nobody is told before this moment (None: at once). ``receiver``: the one person
    whose matter it is, a staff id; None: the account's manager's, or the desk's.
    """

    broker: Code
    account: Code
    trading_day: TradingDay
    source: str = "mot"
    alert_id: UUID
    revision: PositiveInt
    rule: Code
    rule_version: PositiveInt
    message_type: str
    module: Module
    urgency: Urgency
    episode: str
    happened_at: AwareDatetime
    summary: str
    facts: dict[str, str]
    action: str
    provisional: bool
    tell_from: AwareDatetime | None = None
    receiver: Code | None = None
    rehearsal: bool = False
    passport: Passport


class AlertRaised(Event):
    """It began."""

    type: Literal["alert.raised"] = "alert.raised"
    data: Alert


class AlertUpdated(Event):
    """It went on, or further."""

    type: Literal["alert.updated"] = "alert.updated"
    data: Alert


class AlertConfirmed(Event):
    """It ended as foreseen, or the settlement agrees."""

    type: Literal["alert.confirmed"] = "alert.confirmed"
    data: Alert


class AlertAmended(Event):
    """The settlement changed its figures."""

    type: Literal["alert.amended"] = "alert.amended"
    data: Alert


class AlertWithdrawn(Event):
    """It no longer holds."""

    type: Literal["alert.withdrawn"] = "alert.withdrawn"
    data: Alert


AlertEvent = Annotated[
    AlertRaised | AlertUpdated | AlertConfirmed | AlertAmended | AlertWithdrawn,
    Field(discriminator="type"),
]
ALERTS: TypeAdapter[AlertEvent] = TypeAdapter(AlertEvent)
