"""What the console says of an alert, as JSON: 已联系, 误报, 稍后, 转交."""

from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from services.notify.domain.answer import (
    REASON,
    Contacted,
    FalseAlarm,
    HandedOver,
    Postponed,
    Said,
    Snoozed,
    without_numbers,
)
from services.notify.domain.later import DEFAULT, Later
from shared.contracts.event import Code


class Closed(BaseModel):
    """已联系 the client was spoken to; 误报 there is nothing in it: nobody is asked any more."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["contacted", "false-alarm"]

    def answer(self) -> Said:
        return Contacted() if self.kind == "contacted" else FalseAlarm()


class Snooze(BaseModel):
    """稍后 — nobody is asked before ``until``, 7 days at most, or as ``later`` says.

    Without either it is 30 minutes. A long number in the reason is not kept.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["snoozed"]
    until: AwareDatetime | None = None
    later: Later | None = Field(default=None, description="close: today's, 15 minutes before it")
    reason: Annotated[str, Field(min_length=1, max_length=REASON, pattern=r"^[^\x00-\x1f]+$")]

    @model_validator(mode="after")
    def _says_one_time(self) -> Self:
        if self.until and self.later:
            raise ValueError("until or later, not both")
        return self

    def answer(self) -> Said:
        reason = without_numbers(self.reason)
        if self.until:
            return Snoozed(self.until, reason)
        return Postponed(self.later or DEFAULT, reason)


class Handed(BaseModel):
    """转交 — the business of another member of staff, who is told at once."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["handed-over"]
    to: Code

    def answer(self) -> Said:
        return HandedOver(self.to)


EXAMPLES: dict[str, Any] = {
    "已联系": {"kind": "contacted"},
    "误报": {"kind": "false-alarm"},
    "稍后": {
        "kind": "snoozed",
        "until": "2026-06-01T11:00:00+08:00",
        "reason": "客户开会，半小时后再打",
    },
    "稍后到今天收盘前": {"kind": "snoozed", "later": "close", "reason": "客户下午才在"},
    "转交": {"kind": "handed-over", "to": "m002"},
}
SAID: TypeAdapter[Closed | Snooze | Handed] = TypeAdapter(
    Annotated[Closed | Snooze | Handed, Field(discriminator="kind")]
)
