"""额度 in Valkey, shared by all workers: one ZSET of attempts a subject, one script that grants.

The ledger knows every attempt, so Valkey may be lost: what it has forgotten, or could not be told,
is counted from there before the next grant.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import chain
from typing import Any

import msgpack
import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.notify.domain.budget import Attempt, Window, longest, subject, subjects
from services.notify.domain.ledger import Claimed
from shared.observability.metrics import BUDGETS_RECOUNTED
from shared.settings import ValkeySettings

PREFIX = "notify:{budget}:"  # one slot, so a cluster works
GENERATION = f"{PREFIX}generation"
AT_ONCE = 5_000
PATIENCE = 0.5  # seconds; then the urgent goes on without it
Earlier = Callable[[datetime], Awaitable[Sequence[Attempt]]]
GRANT = files("services.notify.adapters").joinpath("grant.lua").read_text(encoding="utf-8")


class BudgetsDown(Exception):
    """Valkey cannot be asked."""


def connect(settings: ValkeySettings) -> redis.Redis:
    """Return a client that gives up soon."""
    return redis.from_url(
        settings.url.get_secret_value(),
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 1),
    )


@dataclass
class Budgets:
    """Grants attempts. Callers take turns (the queue's lock), so that a recount sees everything."""

    valkey: redis.Redis
    windows: Mapping[str, Sequence[Window]]
    _counted: bool = field(default=False, init=False)

    async def grant(
        self, asked: Sequence[Attempt], now: datetime, earlier: Earlier
    ) -> Sequence[datetime | None]:
        """Return for each None (it may go, and is counted) or when to ask again.

        ``earlier`` returns the ledger's attempts since a moment. Raises BudgetsDown.
        """
        try:
            if not self._counted:  # what was sent while Valkey was away is not in it
                await self._count(await earlier(now - self.kept))
                self._counted = True
            answers = await self._ask(asked, now)
            if answers is None:
                await self._count(await earlier(now - self.kept))
                answers = await self._ask(asked, now) or []
        except (RedisError, OSError) as error:
            self._counted = False
            raise BudgetsDown from error
        return [None if not ms else _moment(ms, now) for ms in answers]

    async def give_back(self, claimed: Claimed) -> None:
        """Count an attempt no more, since it was certainly not made."""
        with suppress(RedisError, OSError):  # then it only counts until its window ends
            async with self.valkey.pipeline(transaction=False) as pipe:
                for key in claimed.counted:
                    pipe.zrem(PREFIX + key, claimed.attempt)
                await pipe.execute()

    @property
    def kept(self) -> timedelta:
        """How long an attempt counts at most."""
        return longest(chain.from_iterable(self.windows.values()))

    async def _ask(self, asked: Sequence[Attempt], now: datetime) -> Sequence[int] | None:
        keys = {GENERATION: 1}
        wishes = []
        for one in asked:
            places = [
                (
                    keys.setdefault(PREFIX + subject(window, one), len(keys) + 1),
                    window.seconds * 1000,
                    window.most(one.urgency),
                )
                for window in self.windows[one.channel]
            ]
            wishes.append((one.name, places))
        body = msgpack.packb(wishes, use_bin_type=False)
        kept = int(self.kept.total_seconds() * 1000)
        answer: Any = await self.valkey.execute_command(  # type: ignore[no-untyped-call]  # redis
            "EVAL", GRANT, len(keys), *keys, _ms(now), kept, body
        )
        return answer if isinstance(answer, list) else None

    async def _count(self, attempts: Sequence[Attempt]) -> None:
        """Put the ledger's attempts in; one that is there already stays as it is."""
        for start in range(0, len(attempts), AT_ONCE):
            counted = defaultdict[str, dict[str, int]](dict)
            for one in attempts[start : start + AT_ONCE]:
                for key in subjects(self.windows[one.channel], one):
                    counted[PREFIX + key][one.name] = _ms(one.at)
            async with self.valkey.pipeline(transaction=False) as pipe:
                for key, made in counted.items():
                    pipe.zadd(key, made)
                    pipe.pexpire(key, 2 * self.kept)
                await pipe.execute()
        await self.valkey.set(GENERATION, 1)
        BUDGETS_RECOUNTED.inc()


def _ms(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp() * 1000)


def _moment(ms: int, now: datetime) -> datetime:
    return now + timedelta(milliseconds=ms - _ms(now))
