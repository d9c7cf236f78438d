"""What notify must be told; read from the environment once, in ``__main__``."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from shared.crypto import FieldCipher
from shared.settings import HttpSettings, KafkaSettings, Part, PostgresSettings, ValkeySettings


class Sending(Part):
    """``timeout_seconds``: one exchange with a gateway. ``lease_seconds``: one claim.

    ``slots``: how many are under way at a time. ``proxy``: the way out, where the gateway wants a
    known address.
    """

    timeout_seconds: PositiveFloat = 5.0
    lease_seconds: PositiveFloat = 15.0
    slots: PositiveInt = 32
    proxy: SecretStr | None = None

    @model_validator(mode="after")
    def _a_lease_outlives_a_send(self) -> Self:
        if self.lease_seconds < 2 * self.timeout_seconds:
            raise ValueError("lease_seconds must be at least twice timeout_seconds")
        return self


class Settings(BaseSettings):
    """``NOTIFY_…``, nested names joined by two underscores."""

    model_config = SettingsConfigDict(
        env_prefix="NOTIFY_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    kafka: KafkaSettings
    postgres: PostgresSettings
    valkey: ValkeySettings
    http: HttpSettings
    wecom: WecomApp
    sms: AliyunSms
    field_keys: dict[str, SecretStr] = Field(
        description="key id → base64 of 32 bytes", min_length=1
    )
    link_key: SecretStr = Field(min_length=16, description="signs the links in messages")
    console_url: str | None = Field(default=None, description="base of links; default: http's own")
    clock: Literal["wall", "ticks"] = Field(
        default="wall", description="ticks: business time is what clock.ticked says"
    )
    instance_id: str | None = Field(
        default=None, description="stable name of this worker: it takes over from itself at once"
    )
    policy: Path | None = Field(default=None, description="another policy.yaml than the product's")
    sending: Sending = Sending()

    @field_validator("field_keys")
    @classmethod
    def _keys_are_keys(cls, keys: dict[str, SecretStr]) -> dict[str, SecretStr]:
        try:
            FieldCipher({kid: key.get_secret_value() for kid, key in keys.items()})
        except ValueError:
            raise ValueError("a field key must be the base64 of 32 bytes") from None
        return keys

    @property
    def cipher(self) -> FieldCipher:
        """What opens the directory's personal fields and seals the ledger's."""
        return FieldCipher({kid: key.get_secret_value() for kid, key in self.field_keys.items()})

    @property
    def links_base(self) -> str:
        """Where the cards' links lead."""
        return self.console_url or f"http://{self.http.host}:{self.http.port}"
