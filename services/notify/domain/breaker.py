"""断路 — how much of the sending a channel may take: a silent gateway holds up no other."""

from dataclasses import dataclass

from services.notify.domain.channel import HttpResponse
from services.notify.domain.outcome import SERVER_ERRORS, Rejected, Retry

SILENT = 5
"""So many attempts in a row without an answer, and a channel is asked one thing at a time."""


@dataclass
class Line:
    """One channel: how many are on their way, how many in a row went unanswered.

    >>> line = Line()
    >>> line.room(64)
    48
    >>> for _ in range(SILENT):
    ...     line.heard(Retry("ReadTimeout", unsure=True))
    >>> line.broken, line.room(64)
    (True, 1)
    >>> line.heard(HttpResponse(200))
    >>> line.broken, line.room(64)
    (False, 48)
    """

    busy: int = 0
    unanswered: int = 0

    @property
    def broken(self) -> bool:
        """Say whether the gateway seems to be down: what is asked now finds out."""
        return self.unanswered >= SILENT

    def room(self, slots: int) -> int:
        """Return how many more may be sent: three quarters of all slots at most, one when broken.

        The last quarter is for the other channels, until the first timeouts tell.
        """
        return (1 if self.broken else max(1, slots * 3 // 4)) - self.busy

    def heard(self, answer: HttpResponse | Retry | Rejected) -> None:
        """Note what an attempt met: an answer, if only a refusal, or none."""
        match answer:
            case Retry():
                self.unanswered += 1
            case HttpResponse(status) if status >= SERVER_ERRORS:
                self.unanswered += 1
            case _:
                self.unanswered = 0
