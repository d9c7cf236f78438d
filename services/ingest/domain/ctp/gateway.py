"""网关 — what we ask of a counter, and where it answers; the library behind it is given."""

from collections.abc import Callable
from typing import Protocol

from services.ingest.domain.ctp.records import Heard, Stream

Hear = Callable[[Heard], None]
"""Takes what a callback brings, on the library's thread; it may wait while there is no room."""


class Gateway(Protocol):
    """One connection to a counter; it connects again by itself."""

    def start(self, hear: Hear) -> None:
        """Connect, and from now on tell everything to ``hear``, in order."""

    def login(self) -> None:
        """Ask to be let in; the answer is ``LoggedIn``."""

    def subscribe(self, stream: Stream, after: int) -> None:
        """Ask for a stream's records of the day behind a number; 0: from its beginning."""

    def close(self) -> None:
        """Let go; nothing is told afterwards."""
