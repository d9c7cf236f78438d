"""What a service must be told about the world; each service nests these in its own Settings."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


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
