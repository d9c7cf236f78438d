"""The clock of an installation whose minutes are posted: the newest tick, before it the wall."""

from datetime import datetime

from shared.clock import Clock


class PostedClock:
    """Moves forward with each posted tick."""

    def __init__(self, until_then: Clock) -> None:
        self._until_then = until_then
        self._at: datetime | None = None

    def now(self) -> datetime:
        return self._at or self._until_then.now()

    def advance(self, to: datetime) -> None:
        """Move to a later moment; an earlier one changes nothing."""
        self._at = max(self._at or to, to)
