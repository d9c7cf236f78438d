"""投递 — takes intents from the queue and sends them, many accounts at a time."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from pydantic import SecretStr

from services.notify.domain.breaker import Line
from services.notify.domain.channel import Channel, HttpRequest, HttpResponse, Ticket
from services.notify.domain.ledger import Claimed
from services.notify.domain.mail_request import MailRequest
from services.notify.domain.outcome import Outcome, Rejected, Retry, TokenRefused
from shared.clock import Clock
from shared.observability.logging import logger
from shared.observability.metrics import CHANNEL_BROKEN

TOGETHER_SECONDS = 0.02
Conclude = Callable[[tuple[Claimed, Outcome]], Awaitable[None]]
GiveBack = Callable[[Claimed], Awaitable[None]]


class Claims(Protocol):
    """The queue, as the dispatcher sees it."""

    async def claim(self, limit: int, room: Mapping[str, int]) -> Sequence[Claimed]: ...
    async def lost(self, limit: int) -> Sequence[Claimed]: ...


class Tokens(Protocol):
    """A channel's token, as the dispatcher sees it."""

    async def get(self) -> SecretStr | Retry: ...
    def refuse(self, token: SecretStr) -> None: ...


class Sender(Protocol):
    """The transport, as the dispatcher sees it."""

    @property
    def timeout(self) -> float: ...
    async def send(self, request: HttpRequest | MailRequest) -> HttpResponse | Retry | Rejected: ...


@dataclass(frozen=True)
class Dispatcher:
    """Sends what the queue gives.

    ``lease`` (seconds) is what a claim lasts; ``clock`` is business time. ``wall`` dates
    signatures, which gateways hold against their own wall clock. ``give_back`` takes an attempt
    that was never made out of its budgets. A channel takes no more ``slots`` than its ``Line`` has
    room for.
    """

    queue: Claims
    channels: Mapping[str, Channel]
    tokens: Mapping[str, Tokens]
    sender: Sender
    conclude: Conclude
    give_back: GiveBack
    clock: Clock
    wall: Clock
    lease: float
    slots: int = 32
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _lines: dict[str, Line] = field(default_factory=partial(defaultdict, Line))
    _setting_out: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def nothing_on_its_way(self) -> AsyncIterator[None]:
        """Wait for what is being sent; within, nothing sets out."""
        async with self._setting_out:
            if self._running:
                await asyncio.wait(self._running)
            yield

    async def dispatch(self, group: asyncio.TaskGroup) -> bool:
        """Start what may be sent, as far as there are free slots; say whether there was any."""
        loop = asyncio.get_running_loop()
        if self._running:  # under load, claim several at a time
            await asyncio.sleep(TOGETHER_SECONDS)
        free = self.slots - len(self._running)
        if free <= 0:
            return False
        async with self._setting_out:
            by = loop.time() + self.lease
            room = {name: self._lines[name].room(self.slots) for name in self.channels}
            claimed = await self.queue.claim(free, room)
            for one in claimed:
                self._lines[one.channel].busy += 1
                task = group.create_task(self._deliver(one, by), name=f"deliver {one.intent_id}")
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        return bool(claimed)

    async def recover(self) -> bool:
        """Judge the attempts whose worker is gone: they may have been made."""
        lost = await self.queue.lost(self.slots)
        for one in lost:
            await self.conclude((one, Retry("lease-expired", unsure=True)))
        return bool(lost)

    async def _deliver(self, claimed: Claimed, by: float) -> None:
        try:
            outcome = await self._send(claimed, by)
        finally:
            self._lines[claimed.channel].busy -= 1
        if isinstance(outcome, Retry) and not outcome.made:
            await self.give_back(claimed)
        await self.conclude((claimed, outcome))

    async def _send(self, claimed: Claimed, by: float) -> Outcome:
        first = await self._attempt(claimed, by)
        return await self._attempt(claimed, by) if isinstance(first, TokenRefused) else first

    async def _attempt(self, claimed: Claimed, by: float) -> Outcome:
        """Ask once; a refused token is forgotten, so that the next attempt fetches another."""
        channel, tokens = self.channels.get(claimed.channel), self.tokens.get(claimed.channel)
        if channel is None:
            return Rejected("not-configured")  # its settings are gone since the intent was written
        if claimed.unsure and self.clock.now() >= claimed.first_at + channel.resend.window:
            return Retry("window-over", made=False)  # the gateway would not know it again
        token = await tokens.get() if tokens else None
        if isinstance(token, Retry):
            self._heard(claimed.channel, token)
            return token
        if asyncio.get_running_loop().time() + self.sender.timeout > by:
            return Retry("no-time-left", made=False)  # it would outlive its lease
        ticket = Ticket(self.wall.now(), secrets.token_hex(16), token)
        answer = await self.sender.send(channel.request(claimed.body, ticket))
        self._heard(claimed.channel, answer)
        if not isinstance(answer, HttpResponse):
            return answer
        outcome = channel.outcome(answer)
        if isinstance(outcome, TokenRefused) and tokens and token:
            tokens.refuse(token)
        return outcome

    def _heard(self, channel: str, answer: HttpResponse | Retry | Rejected) -> None:
        line = self._lines[channel]
        before = line.broken
        line.heard(answer)
        if line.broken != before:
            logger().warning("channel", channel=channel, broken=line.broken)
        CHANNEL_BROKEN.labels(channel).set(line.broken)
