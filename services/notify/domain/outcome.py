"""投递结果 — what a gateway's answer, or its silence, means for one attempt."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True)
class Sent:
    """The gateway has taken it.

    ``message_id`` is the gateway's own number: for a complaint, a receipt, a recall.
    ``response_code`` changes what was sent, once.
    """

    message_id: str = ""
    response_code: str = field(default="", repr=False)


@dataclass(frozen=True)
class Retry:
    """Not taken, or nobody knows: ask again.

    ``unsure``: it may have been taken although no answer says so. ``freeze``: how long nothing at
    all may be sent by this channel, in business time. ``made``: a request has left; otherwise
    certainly nobody was told, and no budget counts it.
    """

    reason: str
    unsure: bool = False
    freeze: timedelta | None = None
    made: bool = field(default=True, repr=False)


@dataclass(frozen=True)
class TokenRefused:
    """The access token is not valid (any more): fetch another one and ask at once."""

    reason: str


@dataclass(frozen=True)
class Rejected:
    """It will never be taken like this."""

    reason: str


Outcome = Sent | Retry | TokenRefused | Rejected


TOO_MANY, UNAVAILABLE, OK, SERVER_ERRORS = 429, 503, 200, 500


def by_status(status: int) -> Outcome:
    """Return what an answer without the interface's own code means.

    429 and 503 are refusals before any work; another 5xx, or a 200 that cannot be read, may have
    come after it. A redirect is an answer like any other: it is not followed.

    >>> by_status(503), by_status(502).unsure, by_status(302)
    (Retry(reason='http-503', unsure=False, freeze=None), True, Rejected(reason='http-302'))
    """
    if status in (TOO_MANY, UNAVAILABLE):
        return Retry(f"http-{status}")
    if status >= SERVER_ERRORS or status == OK:
        return Retry(f"http-{status}", unsure=True)
    return Rejected(f"http-{status}")
