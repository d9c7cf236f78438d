"""What a service must be told about the world; each service nests these in its own Settings."""

import sys
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings

from shared.web.permissions import Role

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


Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519", "EdDSA"]
"""Signatures by a private key alone; a shared secret or none at all is not among them."""


class TokenRules(Part):
    """What a person's token (JWT, OIDC) must say, and where it says who and what somebody is."""

    issuer: str = Field(min_length=1, description="what the claim iss must be")
    audience: str = Field(min_length=1, description="what the claim aud must be, or hold")
    algorithms: frozenset[Algorithm] = Field(
        default=frozenset({"RS256", "PS256", "ES256", "EdDSA"}),
        description="the signatures that are accepted",
    )
    leeway_seconds: int = Field(
        default=30, ge=0, le=300, description="how far two clocks may differ"
    )
    staff_claim: str = Field(
        default="staff_id", description="where the staff id stands: a claim or a path"
    )
    roles_claim: str = Field(
        default="roles", description="where the roles stand, such as realm_access.roles"
    )
    roles: dict[str, Role] = Field(
        default_factory=dict, description="the provider's names of roles that differ from ours"
    )


class TokenSettings(TokenRules):
    """One of the two says where the provider's public keys are.

    ``jwks_url``: an https address. ``jwks_file``: a file, for sites that reach no provider.
    """

    jwks_url: str | None = Field(default=None, pattern=r"^https?://")
    jwks_file: Path | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("either jwks_url or jwks_file")
        return self
