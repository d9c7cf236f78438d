"""点击 — a tap on a card is an answer, once however often it is read; then the card says so."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.notify.adapters.dispatcher import Sender, Tokens
from services.notify.answer_forms import WORDS
from services.notify.answering import REPEATED, TAKEN, Answering, Given
from services.notify.domain.answer import asked
from services.notify.domain.channel import HttpResponse, Ticket
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.outcome import Retry, Sent, TokenRefused
from shared.clock import Clock
from shared.contracts.callbacks import CardClicked, Click
from shared.contracts.replies import Kind
from shared.observability.metrics import CALLBACKS

LATER_MINUTES = "30"  # a button has no field: another time is chosen on the page
MOST_CARDS = 1000
Whose = Callable[[Click], Awaitable[Sequence[tuple[UUID, str]]]]


@dataclass(frozen=True)
class Cards:
    """Replaces a card's buttons by the answer, at best: a card left as it was does no harm."""

    wecom: WecomApp
    tokens: Tokens
    sender: Sender
    wall: Clock
    _waiting: deque[tuple[Click, str]] = field(default_factory=lambda: deque(maxlen=MOST_CARDS))

    def note(self, click: Click, said: str) -> None:
        """Have a card changed soon."""
        if click.response_code:
            self._waiting.append((click, said))

    async def step(self) -> bool:
        """Change one card; say whether there was one."""
        if not self._waiting:
            return False
        click, said = self._waiting.popleft()
        CALLBACKS.labels("card-changed" if await self._change(click, said) else "card-left").inc()
        return True

    async def _change(self, click: Click, said: str) -> bool:
        token = await self.tokens.get()
        if isinstance(token, Retry):
            return False
        body = self.wecom.update(click.response_code, click.userid, said)
        answer = await self.sender.send(
            self.wecom.request(body, Ticket(self.wall.now(), "", token))
        )
        outcome = self.wecom.outcome(answer) if isinstance(answer, HttpResponse) else answer
        if isinstance(outcome, TokenRefused):
            self.tokens.refuse(token)
        return isinstance(outcome, Sent)


@dataclass(frozen=True)
class Clicking:
    """Takes taps. ``whose``: which alerts a card stands for, each with who was told by it."""

    whose: Whose
    answering: Answering
    cards: Cards
    clock: Clock

    async def take(self, event: CardClicked) -> None:
        """Turn a tap into an answer, of each alert that the card stands for.

        转交 needs a name: the card's page asks for it.
        """
        click = event.data
        found = await self.whose(click)
        answer = asked({"kind": click.key, "minutes": LATER_MINUTES}, self.clock.now())
        if not found or answer is None:
            CALLBACKS.labels("needs-the-page" if found else "unknown-card").inc()
            return
        fates = [
            await self.answering.take(Given(alert_id, staff_id, answer, event.id, "card"))
            for alert_id, staff_id in found
        ]
        if {TAKEN, REPEATED} & set(fates):
            self.cards.note(click, f"{WORDS[Kind(click.key)]}（已记下）")
        for fate in fates:
            CALLBACKS.labels(f"click-{fate}").inc()
