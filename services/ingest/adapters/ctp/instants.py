"""时刻 — when a record arrived: each later than the last, although a clock may be set back."""

from datetime import UTC, datetime, timedelta

from shared.clock import Clock

INSTANT = timedelta(microseconds=1)


class Instants:
    """The moments of one connection: a newer state is never the older one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = datetime.min.replace(tzinfo=UTC)

    def next(self) -> datetime:
        """Return when it is now."""
        self._last = max(self._clock.now(), self._last + INSTANT)
        return self._last
