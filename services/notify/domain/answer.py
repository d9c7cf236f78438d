"""答复 — what a person says to an alert: 已联系, 误报, 稍后, 转交."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

from shared.contracts.alerts import Alert
from shared.contracts.event import CODE
from shared.contracts.replies import Kind, Reply, ReplyGiven, given

LONGEST_SNOOZE = timedelta(days=7)
REASON = 80  # characters
NUMBERS = re.compile(r"\d{7,}")
"""A phone, a card, an account: none of these belongs into a reason."""

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
class HandedOver:
    """转交 — it is the business of this member of staff from now on."""

    to: str


Answer = Contacted | FalseAlarm | Snoozed | HandedOver
OVER = (Contacted, FalseAlarm)
KINDS: dict[type[Answer], Kind] = {
    Contacted: Kind.CONTACTED,
    FalseAlarm: Kind.FALSE_ALARM,
    Snoozed: Kind.SNOOZED,
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


def unfit(answer: Answer, by: str, now: datetime) -> str | None:
    """Return the named reason why an answer cannot be taken, or None."""
    match answer:
        case Snoozed(until) if not now < until <= now + LONGEST_SNOOZE:
            return "not-a-later"
        case HandedOver(to) if to == by:
            return "to-oneself"
        case _:
            return None


def asked(fields: Mapping[str, str], now: datetime) -> Answer | None:
    """Return the answer that a form or a card's button asks for; None: it makes no sense.

    ``kind``, and with it ``minutes`` and ``reason`` (稍后), or ``to`` (转交).
    """
    reads = _READS.get(fields.get("kind", ""))
    return None if reads is None else reads(fields, now)


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


def _snoozed(fields: Mapping[str, str], now: datetime) -> Answer | None:
    minutes = fields.get("minutes", "")
    if not re.fullmatch(r"[0-9]{1,5}", minutes):
        return None
    reason = without_numbers(fields.get("reason", ""))
    return Snoozed(now + timedelta(minutes=int(minutes)), reason)


def _handed_over(fields: Mapping[str, str], now: datetime) -> Answer | None:
    to = fields.get("to", "").strip()
    return HandedOver(to) if re.fullmatch(CODE, to) else None


_READS: dict[str, Callable[[Mapping[str, str], datetime], Answer | None]] = {
    Kind.CONTACTED: lambda fields, now: Contacted(),
    Kind.FALSE_ALARM: lambda fields, now: FalseAlarm(),
    Kind.SNOOZED: _snoozed,
    Kind.HANDED_OVER: _handed_over,
}
