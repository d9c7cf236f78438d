"""答复 — what a person says to an alert: 已联系, 误报, 稍后, 转交."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from services.notify.domain.later import DEFAULT, Later, latest, moment
from shared.contracts.alerts import Alert
from shared.contracts.event import CODE
from shared.contracts.replies import Kind, Reply, ReplyGiven, given
from shared.kernel.trading_day import Calendar

REASON = 80  # characters
NUMBERS = re.compile(r"\d{7,}")
"""A phone, a card, an account: none of these belongs into a reason."""

NOT_A_LATER = "not-a-later"
Via = Literal["page", "card", "console"]


@dataclass(frozen=True)
class Contacted:
    """已联系 — the client was spoken to: it is over."""


@dataclass(frozen=True)
class FalseAlarm:
    """误报 — there is nothing in it: it is over."""


@dataclass(frozen=True)
class Snoozed:
    """稍后 — nobody is asked again before ``until``, business time."""

    until: datetime
    reason: str = ""


@dataclass(frozen=True)
class Postponed:
    """稍后 as it is chosen: what it comes to is known when it is taken (``settled``)."""

    later: Later = DEFAULT
    reason: str = ""


@dataclass(frozen=True)
class HandedOver:
    """转交 — it is the business of this member of staff from now on."""

    to: str


Answer = Contacted | FalseAlarm | Snoozed | HandedOver
Said = Answer | Postponed
OVER = (Contacted, FalseAlarm)
KINDS: dict[type[Said], Kind] = {
    Contacted: Kind.CONTACTED,
    FalseAlarm: Kind.FALSE_ALARM,
    Snoozed: Kind.SNOOZED,
    Postponed: Kind.SNOOZED,
    HandedOver: Kind.HANDED_OVER,
}


@dataclass(frozen=True)
class Tap:
    """点击 — the card of an answer: its holder's 企业微信 user id, and what changes it once."""

    userid: str
    response_code: str = field(repr=False)


@dataclass(frozen=True)
class Answered:
    """An answer as it stands in the ledger. ``revision``: the newest one when it was given.

    ``tap``: known while it is being taken; what follows from it is an intent of its own.
    """

    answer_id: UUID
    alert_id: UUID
    revision: int
    by: str
    answer: Answer
    via: Via
    at: datetime
    tap: Tap | None = None


def answer_id(alert_id: UUID, by: str, once: str) -> UUID:
    """Return an answer's identity. ``once`` is the same for a repeat, as of a second click."""
    return uuid5(alert_id, f"answer|{by}|{once}")


def is_over(answers: Sequence[Answered]) -> bool:
    """Say whether nothing is left to do: the last answer holds."""
    return bool(answers) and isinstance(answers[-1].answer, OVER)


def settled(said: Said, now: datetime, calendar: Calendar) -> Answer | None:
    """Return the answer that what is said at this moment comes to; None: there is no such time."""
    if not isinstance(said, Postponed):
        return said
    until = moment(said.later, now, calendar)
    return None if until is None else Snoozed(until, said.reason)


def unfit(answer: Answer, by: str, now: datetime, calendar: Calendar) -> str | None:
    """Return the named reason why a settled answer cannot be taken, or None."""
    match answer:
        case Snoozed(until) if not now < until <= latest(now, calendar):
            return NOT_A_LATER
        case HandedOver(to) if to == by:
            return "to-oneself"
        case _:
            return None


def asked(fields: Mapping[str, str]) -> Said | None:
    """Return the answer that a form or a card's button asks for; None: it makes no sense.

    ``kind``, and with it ``later`` and ``reason`` (稍后), or ``to`` (转交).
    """
    reads = _READS.get(fields.get("kind", ""))
    return None if reads is None else reads(fields)


def without_numbers(reason: str) -> str:
    """Return a reason as it is kept: no phone, card or account stands in it."""
    return NUMBERS.sub("…", reason.strip())[:REASON]


def reply(answered: Answered, alert: Alert) -> ReplyGiven:
    """Return the event that tells it; the reason's words are not in it."""
    answer = answered.answer
    told = Reply(
        broker=alert.broker,
        account=alert.account,
        alert_id=answered.alert_id,
        revision=answered.revision,
        rule=alert.rule,
        reply_id=answered.answer_id,
        kind=KINDS[type(answer)],
        by=answered.by,
        via=answered.via,
        until=answer.until if isinstance(answer, Snoozed) else None,
        to=answer.to if isinstance(answer, HandedOver) else None,
        at=answered.at,
    )
    return given(told)


def _postponed(fields: Mapping[str, str]) -> Said | None:
    later = fields.get("later", DEFAULT)
    reason = without_numbers(fields.get("reason", ""))
    return Postponed(Later(later), reason) if later in set(Later) else None


def _handed_over(fields: Mapping[str, str]) -> Said | None:
    to = fields.get("to", "").strip()
    return HandedOver(to) if re.fullmatch(CODE, to) else None


_READS: dict[str, Callable[[Mapping[str, str]], Said | None]] = {
    Kind.CONTACTED: lambda fields: Contacted(),
    Kind.FALSE_ALARM: lambda fields: FalseAlarm(),
    Kind.SNOOZED: _postponed,
    Kind.HANDED_OVER: _handed_over,
}
