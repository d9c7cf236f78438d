"""API keys of systems: shown once, kept as a digest, several valid at a time for rotation.

A key is ``gck_<id>_<secret>``. The secret is 256 random bits, so one SHA-256 is enough: there is
no dictionary to try.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from shared.clock import Clock
from shared.web.access import Principal
from shared.web.fresh import Fresh
from shared.web.permissions import SYSTEM_SCOPES, Permission
from shared.web.refusal import Unauthenticated

PREFIX = "gck_"
FRESH_SECONDS = 5  # a revoked key is refused everywhere after this
_ID_BYTES, _SECRET_BYTES = 6, 32

State = Literal["valid", "expired", "revoked"]


@dataclass(frozen=True)
class ApiKey:
    """One key as it is kept: whose, for what, from when until when; never the key itself."""

    id: str
    name: str
    digest: bytes
    scopes: frozenset[Permission]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """Say whether the key opens at this moment."""
        if self.revoked_at and self.revoked_at <= now:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= now else "valid"


def issue(
    name: str, scopes: frozenset[Permission], now: datetime, expires_at: datetime | None
) -> tuple[str, ApiKey]:
    """Return a new key, to be shown once, and what is kept of it."""
    if beyond := scopes - SYSTEM_SCOPES:
        raise ValueError(f"no system may: {', '.join(sorted(beyond))}")
    id_, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    kept = ApiKey(id_, name, _digest(secret), scopes, now, expires_at)
    return f"{PREFIX}{id_}_{secret}", kept


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


class KeyRing:
    """Knows systems by their keys, as they are stored."""

    def __init__(self, read: Callable[[], Awaitable[Iterable[ApiKey]]], clock: Clock) -> None:
        self._read, self._clock = read, clock
        self._keys = Fresh(self._by_id, FRESH_SECONDS)

    async def identify(self, credential: str) -> Principal | None:
        """Return whose key it is; None: it is no key of this kind; a dead one is refused."""
        if not credential.startswith(PREFIX):
            return None
        id_, _, secret = credential.removeprefix(PREFIX).partition("_")
        key = (await self._keys.get()).get(id_)
        known = key.digest if key else bytes(sha256().digest_size)
        if not hmac.compare_digest(known, _digest(secret)) or key is None:
            raise Unauthenticated("the key is unknown")
        state = key.state(self._clock.now())
        if state != "valid":
            raise Unauthenticated(f"the key is {state}")
        return Principal(f"key:{key.name}", key.scopes)

    async def _by_id(self) -> dict[str, ApiKey]:
        return {key.id: key for key in await self._read()}


class SettingsKey:
    """One key that stands in the settings instead of the table."""

    def __init__(self, secret: str, principal: Principal) -> None:
        self._digest, self._principal = _digest(secret), principal

    async def identify(self, credential: str) -> Principal | None:
        """Return its system, or None."""
        same = hmac.compare_digest(self._digest, _digest(credential))
        return self._principal if same else None
