"""群机器人 — what the robots of chat groups have in common: one group for each role.

A robot speaks to a team and not to a person. The body that the ledger keeps is an envelope: which
role's group, and what is said there; the key of the group is put to it when it is sent.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.notify.domain.channel import GatewayUrl, Notification, Resend, canonical
from services.notify.domain.lengths import fitted
from services.notify.domain.plain import lines
from services.notify.domain.receiver import Receiver

TEXT_BYTES = 4000
NO_ROBOT = "no-robot"
NO_KEY = SecretStr("")
RESEND = Resend(unsure=1, window=timedelta(minutes=30))
"""No robot's gateway knows a repeat, so one that may have been taken is repeated once, no more."""


class Group(BaseModel):
    """A role's chat group: the key in its webhook's address, and what requests are signed with."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: SecretStr
    secret: SecretStr = NO_KEY


class Robot(BaseModel):
    """Settings of every kind of robot; ``groups``: role (as in the staff directory) → its group."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_url: GatewayUrl
    groups: Mapping[str, Group] = Field(min_length=1)

    def addressed(self, body: str) -> tuple[Group, dict[str, Any]]:
        """Return the group and the message of an envelope.

        A group that has left the settings since has an empty key, which its gateway refuses.
        """
        envelope = json.loads(body)
        return self.groups.get(envelope["role"], Group(key=NO_KEY)), envelope["message"]


def lacks(receiver: Receiver, channel: str) -> str | None:
    """Return why this channel has no group for the receiver's role, or None."""
    return None if channel in receiver.robots else NO_ROBOT


def enveloped(receiver: Receiver, message: Mapping[str, Any]) -> str:
    """Return the body the ledger keeps."""
    return canonical({"role": receiver.role, "message": message})


def paragraphs(said: Notification, newline: str = "\n") -> str:
    """Return the notification as simple markdown: a bold title, quoted facts, a link."""
    title, *known, last = lines(said)
    rows = (f"**{title}**", *(f"> {line}" for line in known), last)
    tail = newline + newline.join((f"编号 {said.code}", f"[查看详情]({said.links.view})"))
    return fitted(newline.join(rows), tail, TEXT_BYTES)
