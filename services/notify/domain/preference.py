"""偏好 — by which channels a person would rather hear, for a time.

A preference orders; it never takes an urgent channel away. Where the policy leaves a choice, the
first channel that a person prefers and has is used in place of the usual ones.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Preference:
    """The channels, best first; in force from ``begin`` until before ``until`` (None: for good)."""

    channels: tuple[str, ...]
    begin: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Say whether it is in force."""
        return self.begin <= now and (self.until is None or now < self.until)
