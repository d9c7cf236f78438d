"""重放 — which calls from outside were taken before, in Valkey for all replicas, for a while.

The second guard, not the first: a call is signed, dated and idempotent without it. So when Valkey
is away, or was lost, a call is taken; ``notify_callbacks_total{fate="unguarded"}`` counts it.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import redis.asyncio as redis
from redis.exceptions import RedisError

from shared.observability.metrics import CALLBACKS

PREFIX = "notify:seen:"
PATIENCE = 0.2  # seconds: 企业微信 wants its answer within one, and there is a second question


@dataclass(frozen=True)
class Replays:
    """Remembers calls by what makes each unique; only a digest of that is kept."""

    valkey: redis.Redis

    async def seen(self, call: str) -> bool:
        """Say whether a call was taken before; False when nobody knows."""
        try:
            async with asyncio.timeout(PATIENCE):
                return bool(await self.valkey.exists(_key(call)))
        except (RedisError, OSError):
            CALLBACKS.labels("unguarded").inc()
            return False

    async def keep(self, call: str, valid: timedelta) -> None:
        """Remember a call that was taken, as long as it could be sent again."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.valkey.set(_key(call), 1, ex=valid)
        except (RedisError, OSError):
            CALLBACKS.labels("unguarded").inc()


def _key(call: str) -> str:
    return PREFIX + sha256(call.encode()).hexdigest()
