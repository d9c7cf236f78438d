"""了结 — an intent's end as ``notify.delivery.v1`` tells it."""

from datetime import datetime

from services.notify.domain.ledger import Claimed
from services.notify.domain.retry import Ended
from shared.contracts.deliveries import DeliveryEnd, DeliveryEnded, ended


def intent_ended(claimed: Claimed, verdict: Ended, now: datetime) -> DeliveryEnded:
    """Return the event of an intent's end."""
    end = DeliveryEnd(
        broker=claimed.broker,
        account=claimed.account,
        alert_id=claimed.alert_id,
        revision=claimed.revision,
        intent_id=claimed.intent_id,
        step=claimed.step,
        channel=claimed.channel,
        receiver=claimed.receiver,
        end=verdict.end.value,
        reason=verdict.reason[:80],
        attempts=claimed.attempts,
        message_id=verdict.message_id,
        at=now,
    )
    return ended(end)
