"""点击 — a tap on a card is an answer, once however often it is read."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.notify.answering import REPEATED, TAKEN, Answering, Given
from services.notify.domain.answer import Tap, asked
from services.notify.domain.later import DEFAULT, Later, offered
from shared.clock import Clock
from shared.contracts.callbacks import CardClicked, Click
from shared.observability.metrics import CALLBACKS

Whose = Callable[[Click], Awaitable[Sequence[tuple[UUID, str]]]]


@dataclass(frozen=True)
class Clicking:
    """Takes taps. ``whose``: which alerts a card stands for, each with who was told by it."""

    whose: Whose
    answering: Answering
    clock: Clock

    async def take(self, event: CardClicked) -> None:
        """Turn a tap into an answer, of each alert that the card stands for.

        转交 needs a name: the card's page asks for it.
        """
        click = event.data
        found = await self.whose(click)
        answer = asked({"kind": click.key, "later": self._later(click)})
        if not found or answer is None:
            CALLBACKS.labels("needs-the-page" if found else "unknown-card").inc()
            return
        tap = Tap(click.userid, click.response_code) if click.response_code else None
        for alert_id, staff_id in found:
            given = Given(alert_id, staff_id, answer, event.id, "card", tap)
            fate = await self.answering.take(given)
            tap = None if fate in (TAKEN, REPEATED) else tap  # the card is changed once
            CALLBACKS.labels(f"click-{fate}").inc()

    def _later(self, click: Click) -> Later:
        """Return what was chosen on the card; the default when that is over, as today's close."""
        now, calendar = self.clock.now(), self.answering.calendar
        choices = (later for later, _ in offered(now, calendar) if later == click.choice)
        return next(choices, DEFAULT)
