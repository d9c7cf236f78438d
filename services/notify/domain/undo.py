"""收回 — what was told and no longer holds is taken back from where it is shown.

A withdrawal takes back every message that can be; a correction (更正) says on cards with buttons
that another one follows. Other messages are all there is until it has been accepted: then those
that it stands in for are taken down, by the same channel from the same person.

An intent like any other: written before it is sent, repeated, in the ledger. It stands at step 0
of the revision whose message it takes back; the steps above it told. Below it stands what shows an
answer on the card it came from. None of these tells anybody: no budget counts it, and what becomes
of it is followed by nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from services.notify.domain.channel import Channel
from services.notify.domain.decision import Send
from services.notify.domain.receiver import Receiver
from shared.contracts.alerts import (
    AlertAmended,
    AlertEvent,
    AlertRaised,
    AlertUpdated,
    AlertWithdrawn,
)

STEP = 0
ELSEWHERE = "answered-elsewhere"
"""Why a card shows an answer that was not given on it: by the one code that its sending brought."""


@dataclass(frozen=True)
class Shown:
    """A message that its gateway has taken, with the gateway's number and code for it.

    ``response_code`` is empty once it is used.
    """

    event: AlertEvent
    channel: str
    receiver: str
    message_id: str
    response_code: str = field(repr=False)
    at: datetime


@runtime_checkable
class Undoes(Protocol):
    """A channel that can take a message back."""

    def undo(self, shown: Shown, receiver: Receiver | None, now: datetime) -> str | None:
        """Return the body of the request that does it; None when it is too late."""
        ...

    def correct(self, shown: Shown, receiver: Receiver | None, now: datetime) -> str | None:
        """Return the body that says it was corrected; None when that cannot be said there."""
        ...

    def replace(self, shown: Shown, now: datetime) -> str | None:
        """Return the body that takes it down for its correction; None: it stays."""
        ...


@runtime_checkable
class Marks(Protocol):
    """A channel that can write an answer in the place of a card's buttons."""

    def update(self, response_code: str, userid: str, said: str) -> str:
        """Return the body of the request that does it, once for each code."""
        ...

    def rewrite(
        self, shown: Shown, receiver: Receiver | None, now: datetime, said: str
    ) -> str | None:
        """Return the body that does it by the code of the sending; None: it is used, or too old."""
        ...


def undoings(
    shown: Sequence[Shown],
    channels: Mapping[str, Channel],
    staff: Mapping[str, Receiver],
    event: AlertWithdrawn | AlertAmended,
    now: datetime,
) -> Iterator[tuple[Shown, Send, str]]:
    """Yield what is taken back, by which send and with which body; the rest stays as it is."""
    for one in shown:
        channel, receiver = channels.get(one.channel), staff.get(one.receiver)
        if not isinstance(channel, Undoes):
            continue
        withdrawn = isinstance(event, AlertWithdrawn)
        body = (channel.undo if withdrawn else channel.correct)(one, receiver, now)
        if body is not None:
            to, why = (
                receiver or Receiver(one.receiver, ""),
                "taken-back" if withdrawn else "corrected",
            )
            yield one, Send(to, one.channel, why, STEP), body


def replaced(
    shown: Iterable[Shown], channels: Mapping[str, Channel], now: datetime
) -> Iterator[tuple[Shown, Send, str]]:
    """Yield what is taken down for an accepted correction: what gave figures, nothing else."""
    for one in shown:
        channel = channels.get(one.channel)
        if not isinstance(channel, Undoes):
            continue
        if isinstance(one.event, AlertRaised | AlertUpdated | AlertAmended):
            body = channel.replace(one, now)
            if body is not None:
                yield one, Send(Receiver(one.receiver, ""), one.channel, "replaced", STEP), body
