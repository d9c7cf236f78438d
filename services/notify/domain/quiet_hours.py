"""免打扰 — until when the clock mutes an alert."""

from datetime import datetime, timedelta

from services.notify.domain.policy import QuietHours
from shared.contracts.alerts import Urgency
from shared.kernel.trading_day import CHINA


def quiet_until(hours: QuietHours, urgency: Urgency, now: datetime) -> datetime | None:
    """Return the end of the quiet hours that mute this urgency now, or None."""
    local = now.astimezone(CHINA)
    if urgency not in hours.urgencies or not _within(hours, local):
        return None
    end = local.replace(hour=hours.end.hour, minute=hours.end.minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def _within(hours: QuietHours, local: datetime) -> bool:
    at = local.time()
    if hours.begin <= hours.end:
        return hours.begin <= at < hours.end
    return at >= hours.begin or at < hours.end
