"""发送额度 — a member's messages of the last minute decide whether one more may go."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.notify.domain.policy import Budget
from shared.contracts.alerts import Urgency

MINUTE = timedelta(minutes=1)


def free_at(
    budget: Budget, urgency: Urgency, sent: Sequence[datetime], now: datetime
) -> datetime | None:
    """Return None when one more may go now, else the moment when it may: deferred, not dropped.

    ``sent``: the times of earlier attempts, whatever became of them, since any may have arrived.
    """
    limit = budget.reserve if urgency is Urgency.HIGH else budget.per_minute
    recent = sorted(at for at in sent if at > now - MINUTE)
    return None if len(recent) < limit else recent[len(recent) - limit] + MINUTE
