"""每个决定都说出来: in the metrics by its reason, and in one line of the log for each revision.

The ledger says the same in full. No account, no name and no number stands here: the alert's code
leads to them (``guanchao notify explain``).
"""

from collections.abc import Iterable
from datetime import datetime

from services.notify.domain.decision import Decision, Defer, Settled
from shared.kernel.ids import short_code
from shared.observability.logging import logger
from shared.observability.metrics import DECISIONS


def say(decided: Iterable[Settled]) -> None:
    """Count and log what was decided of some revisions."""
    for settled in decided:
        alert = settled.event.data
        for decision in settled.decisions:
            DECISIONS.labels(kind(decision), decision.reason).inc()
        logger().info(
            "decided",
            alert=f"{short_code(alert.alert_id)}-{alert.revision}",
            rule=alert.rule,
            step=settled.event.type,
            decisions=sorted({in_short(decision) for decision in settled.decisions}),
        )


def kind(decision: Decision) -> str:
    """Return what sort of decision it is: send, suppress or defer."""
    return type(decision).__name__.lower()


def in_short(decision: Decision) -> str:
    """Return a decision in a few words: what, why, and by which channel or until when."""
    channel = None if isinstance(decision, Defer) else decision.channel
    until = _stamp(decision.until) if isinstance(decision, Defer) else None
    return " ".join(filter(None, (kind(decision), decision.reason, channel, until)))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
