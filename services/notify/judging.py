"""定论 — what an attempt's outcome comes to, and how it is counted."""

from datetime import datetime

from services.notify.domain.channel import ONCE, Channel
from services.notify.domain.ledger import Claimed
from services.notify.domain.outcome import Outcome
from services.notify.domain.policy import Backoff
from services.notify.domain.retry import End, Ended, Tally, Verdict, in_a_word, verdict
from shared.observability.metrics import DELIVERIES, DELIVERY_SECONDS


def judged(
    claimed: Claimed, outcome: Outcome, by: Channel | None, backoff: Backoff, now: datetime
) -> Verdict:
    """Return what follows from an attempt; ``by`` is its channel, None when it is gone."""
    spread = claimed.intent_id.int % 1000 / 1000
    so_far = (claimed.attempts, claimed.unsure, claimed.first_at)
    tally = Tally(*so_far, now, spread, once=claimed.takes_back)
    return verdict(outcome, ONCE if by is None else by.resend, tally, backoff)


def count(claimed: Claimed, is_now: Verdict, seconds: float | None) -> None:
    """Count an attempt; ``seconds`` since its intent was written, None when its lease was lost."""
    if seconds is None:
        DELIVERIES.labels(claimed.channel, "fenced", "lease-lost").inc()
        return
    DELIVERIES.labels(claimed.channel, in_a_word(is_now), is_now.reason).inc()
    if isinstance(is_now, Ended) and is_now.end is End.SENT:
        DELIVERY_SECONDS.labels(claimed.channel).observe(seconds)
