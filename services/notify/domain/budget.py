"""发送额度 — how many messages may go, to whom, in how long: sliding windows over past attempts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, PositiveInt, model_validator

from shared.contracts.alerts import Urgency

Per = Literal["receiver", "receiver+template", "channel"]


class Window(BaseModel):
    """At most ``limit`` attempts in any ``seconds``; above it only high urgency, to ``reserve``.

    ``per``: counted for each receiver, for each receiver and 模板, or for the whole channel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    per: Per
    seconds: PositiveInt
    limit: PositiveInt
    reserve: PositiveInt | None = None

    @model_validator(mode="after")
    def _reserve_is_above(self) -> Self:
        if self.reserve is not None and self.reserve < self.limit:
            raise ValueError("reserve must not be below limit")
        return self

    @property
    def span(self) -> timedelta:
        """How long an attempt counts."""
        return timedelta(seconds=self.seconds)

    def most(self, urgency: Urgency) -> int:
        """Return how many attempts this urgency may find in the window, plus one."""
        return self.reserve or self.limit if urgency is Urgency.HIGH else self.limit


@dataclass(frozen=True)
class Attempt:
    """One attempt, made or wished for. ``name`` tells it from all others; no personal data."""

    name: str
    broker: str
    channel: str
    receiver: str
    template: str
    urgency: Urgency = Urgency.MIDDLE
    at: datetime | None = None


SUBJECTS = {
    "receiver": lambda a: f"{a.channel}:receiver:{a.broker}:{a.receiver}",
    "receiver+template": lambda a: f"{a.channel}:template:{a.template}:{a.broker}:{a.receiver}",
    "channel": lambda a: f"{a.channel}:channel",
}


def subject(window: Window, attempt: Attempt) -> str:
    """Return what the window counts this attempt under: a staff id, never a number or a name."""
    return SUBJECTS[window.per](attempt)


def subjects(windows: Iterable[Window], attempt: Attempt) -> tuple[str, ...]:
    """Return all that an attempt is counted under, each once."""
    return tuple(dict.fromkeys(subject(window, attempt) for window in windows))


def longest(windows: Iterable[Window]) -> timedelta:
    """Return after how long an attempt counts nowhere any more."""
    return max((window.span for window in windows), default=timedelta())


def free_at(
    window: Window, urgency: Urgency, sent: Sequence[datetime], now: datetime
) -> datetime | None:
    """Return None when one more may go now, else the moment when it may: deferred, not dropped.

    ``sent``: the times of earlier attempts, whatever became of them, since any may have arrived.
    One that lies in the future was made before the clock was set back: it does not count, or
    nothing would go until the clock is there again.
    """
    most = window.most(urgency)
    recent = sorted(at for at in sent if now - window.span < at <= now)
    return None if len(recent) < most else recent[len(recent) - most] + window.span
