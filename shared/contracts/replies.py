"""Who has answered an alert, and how. Topic ``notify.reply.v1``, owner notify.

Key: ``broker:account``. An alert may have several answers, in their order; the last one holds. Ids
are derived: a consumer drops a repeated ``id``. The words a person gave as a reason stay in notify.
"""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, PositiveInt, TypeAdapter

from shared.contracts.event import Code, Event, Model


class Kind(StrEnum):
    """已联系 the client was spoken to; 误报 there is nothing in it; 稍后 later; 转交 to another."""

    CONTACTED = "contacted"
    FALSE_ALARM = "false-alarm"
    SNOOZED = "snoozed"
    HANDED_OVER = "handed-over"


class Reply(Model):
    """答复 — ``revision``: the newest one then. ``until``: of a 稍后; ``to``: of a 转交."""

    broker: Code
    account: Code
    alert_id: UUID
    revision: PositiveInt
    rule: Code
    reply_id: UUID
    kind: Kind
    by: Code = Field(description="staff id")
    via: Literal["page", "card", "console"]
    until: AwareDatetime | None = None
    to: Code | None = Field(default=None, description="staff id")
    at: AwareDatetime


class ReplyGiven(Event):
    """答复."""

    type: Literal["reply.given"] = "reply.given"
    data: Reply


REPLIES: TypeAdapter[ReplyGiven] = TypeAdapter(ReplyGiven)


def given(reply: Reply) -> ReplyGiven:
    """Return the event of an answer; its id is the answer's."""
    return ReplyGiven(
        id=str(reply.reply_id),
        source="guanchao/notify",
        subject=f"{reply.broker}:{reply.account}",
        time=reply.at,
        data=reply,
    )
