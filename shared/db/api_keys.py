"""密钥表 — the API keys of a service's systems, in its own schema."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.web.api_keys import ApiKey
from shared.web.permissions import SYSTEM_SCOPES, Permission

_TABLE = """
CREATE TABLE {schema}.api_keys (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    digest     bytea NOT NULL,
    scopes     text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
)
"""


def creation(schema: str) -> tuple[str, ...]:
    """Return the statements of a migration that gives a service its keys."""
    return (_TABLE.format(schema=schema),)


def removal(schema: str) -> tuple[str, ...]:
    """Return the statements that take them back."""
    return (f"DROP TABLE {schema}.api_keys",)


_ALL = text("SELECT * FROM api_keys ORDER BY name, created_at")
_ADD = text(
    """
    INSERT INTO api_keys (id, name, digest, scopes, created_at, expires_at)
    VALUES (:id, :name, :digest, :scopes, :created_at, :expires_at)
    """
)
_REVOKE = text(
    "UPDATE api_keys SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL RETURNING *"
)


class PostgresKeys:
    """The keys in one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> Sequence[ApiKey]:
        """Return every key, dead ones too."""
        return [_key(row) for row in await self._connection.execute(_ALL)]

    async def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        told = {**vars(key), "scopes": sorted(key.scopes)}
        del told["revoked_at"]
        await self._connection.execute(_ADD, told)

    async def revoke(self, id_: str, now: datetime) -> ApiKey | None:
        """End a key; None: there is none of this id that still lives."""
        row = (await self._connection.execute(_REVOKE, {"id": id_, "now": now})).first()
        return _key(row) if row else None


def _key(row: Row[Any]) -> ApiKey:
    """A scope of an older version that exists no more is none."""
    told = dict(row._mapping)
    known = frozenset(Permission(s) for s in told["scopes"] if s in SYSTEM_SCOPES)
    return ApiKey(**{**told, "digest": bytes(told["digest"]), "scopes": known})
