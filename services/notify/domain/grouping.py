"""同一客户 — what follows soon upon a client's alert waits, and becomes one message with the rest.

The first one goes at once. What is urgent never waits, nor a rule that is told alone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from pydantic import PositiveInt, model_validator

from services.notify.domain.muting import NEWS, Before
from services.notify.domain.part import Part
from shared.contracts.alerts import AlertEvent, Urgency

SAME_CLIENT = "same-client"
"""The reason why an intent waits for others, and with which it is merged."""


class Grouping(Part):
    """Alerts of these urgencies wait for ``window_seconds`` after their account was told another.

    ``alone``: rules that never wait. One message names up to ``at_most``.
    """

    window_seconds: PositiveInt
    urgencies: frozenset[Urgency]
    alone: frozenset[str] = frozenset({"forced_liquidation"})
    at_most: PositiveInt = 50

    @model_validator(mode="after")
    def _the_urgent_never_waits(self) -> Self:
        if Urgency.HIGH in self.urgencies:
            raise ValueError("grouping: what is of high urgency never waits")
        return self

    def until(self, event: AlertEvent, before: Iterable[Before], now: datetime) -> datetime | None:
        """Return until when a revision waits for others of its account; None: it goes at once."""
        alert = event.data
        waits = alert.urgency in self.urgencies and alert.rule not in self.alone
        told = max((b.at for b in before if b.at <= now), default=None)
        if told is None or not waits or not isinstance(event, NEWS):
            return None
        end = told + timedelta(seconds=self.window_seconds)
        return end if now < end else None
