"""访问令牌 — kept while it lives, fetched once for all who need it at the same time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from services.notify.domain.channel import HttpRequest, HttpResponse, TokenChannel
from services.notify.domain.outcome import Rejected, Retry

EARLY = 300.0  # seconds before its end a token is not used any more
Exchange = Callable[[HttpRequest], Awaitable[HttpResponse | Retry | Rejected]]


class Token:
    """One channel's token."""

    def __init__(
        self,
        channel: TokenChannel,
        exchange: Exchange,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channel = channel
        self._exchange = exchange
        self._monotonic = monotonic
        self._fetching = asyncio.Lock()
        self._value: SecretStr | None = None
        self._ends = 0.0

    async def get(self) -> SecretStr | Retry:
        """Return a token that should be valid, or why there is none: then nothing was sent."""
        async with self._fetching:
            if self._value is None or self._monotonic() >= self._ends:
                return await self._fetch()
            return self._value

    def refuse(self, token: SecretStr) -> None:
        """Forget a token that the gateway refused, unless it was replaced meanwhile."""
        if self._value == token:
            self._value = None

    async def _fetch(self) -> SecretStr | Retry:
        answer = await self._exchange(self._channel.token_request())
        if not isinstance(answer, HttpResponse):
            return Retry(f"token-{answer.reason}", made=False)
        match self._channel.token(answer):
            case str(reason):
                return Retry(reason, made=False)
            case (SecretStr() as token, lifetime):
                lives = lifetime.total_seconds()
                self._value, self._ends = token, self._monotonic() + max(lives - EARLY, lives / 2)
                return token
