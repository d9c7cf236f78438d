"""重试 — what follows from an attempt's outcome, given those before it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.notify.domain.channel import Resend
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent, TokenRefused
from services.notify.domain.policy import Backoff

GIVE_UP = timedelta(days=7)
"""What certainly did not arrive is asked again for so long; later it is no news any more."""


UNMADE = "unmade"


class End(StrEnum):
    """How an intent ends. ``ambiguous``: it may have arrived, and asking again might tell twice.

    ``merged``: a digest says it instead, whose own end tells what became of it.
    """

    SENT = "sent"
    REJECTED = "rejected"
    AMBIGUOUS = "ambiguous"
    MERGED = "merged"


@dataclass(frozen=True)
class Tally:
    """An intent's attempts so far, the one just made included; ``unsure`` without it.

    ``first_at`` and ``now`` are business time. ``spread`` (0 to 1) keeps lanes from repeating in
    step. ``once``: it works one time only, as what a card's code changes.
    """

    attempts: int
    unsure: int
    first_at: datetime
    now: datetime
    spread: float = 0.0
    once: bool = False


@dataclass(frozen=True)
class Ended:
    """Nothing more is tried."""

    end: End
    reason: str
    message_id: str = ""
    response_code: str = field(default="", repr=False)


@dataclass(frozen=True)
class Again:
    """Asked again after ``delay`` of real time; ``freeze`` stops the channel in business time."""

    delay: timedelta
    reason: str
    unsure: bool
    freeze: timedelta | None = None
    made: bool = True


Verdict = Ended | Again


def in_a_word(verdict: Verdict) -> str:
    """Return an attempt's verdict for ledger and metrics.

    ``unsure``: asked again although it may have been taken; ``unmade``: no request has left.
    """
    match verdict:
        case Ended():
            return verdict.end.value
        case Again(made=False):
            return UNMADE
        case Again():
            return "unsure" if verdict.unsure else "retry"


def verdict(outcome: Outcome, resend: Resend, tally: Tally, backoff: Backoff) -> Verdict:
    """Return what follows."""
    match outcome:
        case Sent(message_id, response_code):
            return Ended(End.SENT, "ok", message_id, response_code)
        case Rejected(reason) if tally.once and tally.unsure:
            return Ended(End.AMBIGUOUS, f"unsure-{reason}")  # refused now, since it worked before?
        case Rejected(reason):
            return Ended(End.REJECTED, reason)
        case TokenRefused(reason):
            return _again(Retry(reason), resend, tally, backoff)
        case Retry():
            return _again(outcome, resend, tally, backoff)


def _again(retry: Retry, resend: Resend, tally: Tally, backoff: Backoff) -> Verdict:
    unsure = tally.unsure + retry.unsure
    if resend.unsure is not None and unsure > resend.unsure:
        return Ended(End.AMBIGUOUS, f"unsure-{retry.reason}")
    if unsure and tally.now >= tally.first_at + resend.window:
        return Ended(End.AMBIGUOUS, f"gave-up-{retry.reason}")
    if tally.now >= tally.first_at + GIVE_UP:
        return Ended(End.REJECTED, f"gave-up-{retry.reason}")
    doubled = min(backoff.longest, backoff.first * 2 ** min(tally.attempts - 1, 20))
    delay = timedelta(seconds=doubled * (1 + tally.spread / 4))
    return Again(delay, retry.reason, retry.unsure, retry.freeze, retry.made)
