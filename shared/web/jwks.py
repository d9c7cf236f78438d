"""公钥 — where an identity provider's public keys come from: an address, or a file.

A key that is not fit to verify a signature is left out: symmetric, private, short, or for another
use. So a public key can never be taken for a shared secret.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, OKPKey, RSAKey

from shared.observability.logging import logger
from shared.web.fresh import Fresh

Key = RSAKey | ECKey | OKPKey

FRESH_SECONDS, STALE_SECONDS = 600, 24 * 3600
ASK_AGAIN_SECONDS = 30  # an unknown key id asks the provider no more often than this
PATIENCE_SECONDS = 5
LARGEST = 256 * 1024  # bytes
SHORTEST_RSA = 2048  # bits
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class KeysAway(RuntimeError):
    """The keys cannot be had: nobody can be recognised, which is not the asker's fault."""


class KeySource(Protocol):
    """Finds a provider's key by its id."""

    async def find(self, kid: str | None) -> Key | None:
        """Return the key; without an id the only one there is."""


class Jwks:
    """Keys that are read again when they are old, or when one is asked for that is new."""

    def __init__(
        self, read: Callable[[], Awaitable[bytes]], ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = read
        self._keys = Fresh(self._read, FRESH_SECONDS, STALE_SECONDS, ticks)

    async def find(self, kid: str | None) -> Key | None:
        found = pick(await self._keys.get(), kid)
        return found or pick(await self._keys.within(ASK_AGAIN_SECONDS), kid)

    async def _read(self) -> list[Key]:
        try:
            keys = usable(await self._fetch())
        except (OSError, ValueError, httpx.HTTPError) as failure:
            logger().error("no keys of the identity provider", reason=type(failure).__name__)
            raise KeysAway(type(failure).__name__) from failure
        logger().info("keys of the identity provider", kids=[key.kid for key in keys])
        return keys


def pick(keys: list[Key], kid: str | None) -> Key | None:
    """Return the key of an id, or without one the only key."""
    fitting = [key for key in keys if kid in (None, key.kid)]
    return fitting[0] if len(fitting) == 1 else None


def usable(document: bytes) -> list[Key]:
    """Return a key set's public signature keys; raises ``ValueError`` when there is none."""
    told = json.loads(document)
    listed = told.get("keys") if isinstance(told, dict) else None
    keys = [key for one in listed or () if (key := _public(one)) is not None]
    if not keys:
        raise ValueError("no usable key")
    KeySet(list(keys))  # gives a key without an id the one of its thumbprint
    return keys


def _public(one: Any) -> Key | None:
    if not isinstance(one, dict) or one.get("use", "sig") != "sig" or "d" in one:
        return None
    try:
        key = JWKRegistry.import_key(one)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if not isinstance(key, RSAKey | ECKey | OKPKey):
        return None
    short = isinstance(key, RSAKey) and key.public_key.key_size < SHORTEST_RSA
    return None if short else key


def from_file(path: Path) -> Callable[[], Awaitable[bytes]]:
    """Read a file, for sites that reach no provider; a changed file is seen like a new answer."""
    return lambda: asyncio.to_thread(path.read_bytes)


def from_url(url: str) -> Callable[[], Awaitable[bytes]]:
    """Ask an address of the settings; no redirect is followed, nothing endless is read."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ValueError("the keys' address must be https")

    async def read() -> bytes:
        async with (
            asyncio.timeout(PATIENCE_SECONDS),
            httpx.AsyncClient(follow_redirects=False) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ValueError(f"status {answer.status_code}")
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    raise ValueError(f"more than {LARGEST} bytes")
            return bytes(body)

    return read
