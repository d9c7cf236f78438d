"""The one port through which a shell asks the time; a domain never does."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time, with its zone."""

    def now(self) -> datetime: ...


class WallClock:
    """Production's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 the one place that asks the wall


class DrivenClock:
    """A clock others move, forward only: by ``clock.ticked`` in the demo, by hand in tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, to: datetime) -> None:
        """Move to a later moment; an earlier one (a late or repeated tick) changes nothing."""
        self._now = max(self._now, to)
