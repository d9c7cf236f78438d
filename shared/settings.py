"""What a service must be told about the world; each service nests these in its own Settings."""

import sys
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

CONFIG_ERROR = 78  # EX_CONFIG
S = TypeVar("S", bound=BaseSettings)


def read(settings: type[S]) -> S:
    """Read the environment; a wrong or missing variable is named, without values, and ends it."""
    try:
        return settings()
    except ValidationError as error:
        prefix = settings.model_config.get("env_prefix", "")
        for wrong in error.errors(include_input=False, include_url=False, include_context=False):
            name = prefix + "__".join(str(part).upper() for part in wrong["loc"])
            sys.stderr.write(f"✗ {name}: {wrong['msg']}\n")
        sys.exit(CONFIG_ERROR)


class Part(BaseModel):
    """Frozen and closed: an unknown name in the environment is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(Part):
    """``brokers``: host:port, comma separated."""

    brokers: str


class PostgresSettings(Part):
    """``dsn``: ``postgresql+asyncpg://user:password@host:port/database``."""

    dsn: SecretStr


class ValkeySettings(Part):
    """``url``: ``redis://host:port/0``."""

    url: SecretStr


class HttpSettings(Part):
    """Where the service answers; loopback unless told otherwise."""

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
