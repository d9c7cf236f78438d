"""Scripted faults: what the gateway shall do wrong, to whom, and how often.

A script is a list; a call takes the first fault that fits it, after waiting for every ``latency``
that fits. ``nth`` counts the fitting calls since the script came. The scripts live in memory: a
restarted gateway is a healthy one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from deploy.sandbox.entries import Channel

LONGEST_SECONDS = 600
Kind = Literal[
    "latency",  # wait, then go on
    "status",  # not accepted: an HTTP status and nothing else
    "errcode",  # not accepted: the platform's error code
    "close",  # not accepted: the connection is closed
    "garbage",  # not accepted: 200 with something that is no JSON
    "accept-then-drop",  # answered as accepted, never shown
    "accept-then-close",  # accepted and written down, then the connection is closed
    "accept-then-wait",  # accepted and written down, answered much later
    "accept-then-garbage",  # accepted and written down, the answer cut off in the middle
]
SECONDS: Collection[str] = ("latency", "accept-then-wait")


class Part(BaseModel):
    """Frozen and closed: a misspelt name is a mistake, not a fault that never happens."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(Part):
    """Which calls a fault fits: by channel (``token`` is gettoken), receiver and number."""

    channel: Channel | Literal["token"] | None = None
    to: str | None = None
    nth: int = Field(default=1, ge=1)

    def fits(self, channel: str, to: Collection[str]) -> bool:
        """Say whether a call is one of these; without a channel, gettoken is not meant."""
        wanted = channel == self.channel if self.channel else channel != "token"
        return wanted and (self.to is None or self.to.lower() in {one.lower() for one in to})


class Fault(Part):
    """One fault; ``times`` is how many calls it spoils (from the nth on)."""

    match: Match = Match()
    fault: Kind
    value: int | Annotated[float, Field(allow_inf_nan=False)] | str | None = None
    times: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _value_fits(self) -> Self:
        value, number = self.value, isinstance(self.value, int | float)
        if self.fault in SECONDS and not (number and 0 <= float(value or 0) <= LONGEST_SECONDS):
            raise ValueError(f"{self.fault} needs value: seconds from 0 to {LONGEST_SECONDS}")
        if self.fault == "status" and not (isinstance(value, int) and 400 <= value <= 599):  # noqa: PLR2004 HTTP's errors
            raise ValueError("status needs value: an HTTP status from 400 to 599")
        if self.fault == "errcode" and (value is None or isinstance(value, float)):
            raise ValueError("errcode needs value: a WeCom errcode or an Aliyun Code")
        return self


@dataclass
class Scripted:
    """A fault with how many calls it has seen and how many it may still spoil."""

    fault: Fault
    left: int
    seen: int = 0


@dataclass(frozen=True)
class Plan:
    """What happens to one call: a wait in seconds, then one fault or none."""

    wait: float = 0.0
    fault: Fault | None = None


HEALTHY = Plan()


class Faults:
    """The scripts in force."""

    def __init__(self) -> None:
        self.scripted: list[Scripted] = []

    def add(self, faults: Collection[Fault]) -> None:
        """Put faults behind those that are in force."""
        self.scripted += [Scripted(fault, fault.times) for fault in faults]

    def clear(self) -> None:
        """Heal the gateway."""
        self.scripted.clear()

    def remaining(self) -> list[dict[str, object]]:
        """Return the faults that still have calls to spoil, with the calls they have seen."""
        return [
            {**one.fault.model_dump(exclude_none=True), "times": one.left, "seen": one.seen}
            for one in self.scripted
        ]

    def take(self, channel: str, to: Collection[str]) -> Plan:
        """Return what happens to a call, and use up what it took."""
        wait, chosen = 0.0, None
        for one in self.scripted:
            if not one.fault.match.fits(channel, to):
                continue
            one.seen += 1
            if one.seen < one.fault.match.nth:
                continue
            if one.fault.fault == "latency":
                wait += float(one.fault.value or 0)
            elif chosen is None:
                chosen = one.fault
            else:
                continue
            one.left -= 1
        self.scripted = [one for one in self.scripted if one.left]
        return Plan(wait, chosen)
