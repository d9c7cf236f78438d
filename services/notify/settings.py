"""What notify must be told; read from the environment once, in ``__main__``."""

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveInt, SecretStr, field_validator

from services.notify.channel_settings import ChannelSettings
from services.notify.domain.canary import Canary
from services.notify.domain.wecom_callback import WecomCallback
from shared.calendars import CalendarFile
from shared.contracts.event import Code
from shared.crypto import FieldCipher
from shared.settings import (
    HttpSettings,
    KafkaSettings,
    PostgresSettings,
    TokenSettings,
    ValkeySettings,
)


class Settings(ChannelSettings):
    """``NOTIFY_…``, nested names joined by two underscores."""

    kafka: KafkaSettings
    postgres: PostgresSettings
    valkey: ValkeySettings
    http: HttpSettings
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
    templates: Path | None = Field(
        default=None, description="another templates.yaml than the product's"
    )
    callback: WecomCallback | None = Field(
        default=None,
        description="企业微信's Token and EncodingAESKey; none: no callback",
    )
    receipt_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="stands in the receipts' address; none: none",
    )
    canary: Canary | None = Field(
        default=None, description="a message a day to one phone, and who hears when nothing goes"
    )
    calendar: CalendarFile = Field(default=None, description="changes to the trading calendar")
    escalates: bool = Field(
        default=True, description="false: nothing climbs, as where nobody is there to answer"
    )
    broker: Code | None = Field(
        default=None, description="whose people may use the console's API; none: there is none"
    )
    tokens: TokenSettings | None = None
    retention_years: PositiveInt = Field(
        default=20, description="how long what was told and why is kept; the law wants 20"
    )

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
    def signs(self) -> tuple[str, ...]:
        """Return the 短信签名 that messages go under."""
        by = (self.sms, self.tencent_sms)
        return tuple(dict.fromkeys(channel.sign_name for channel in by if channel is not None))

    @property
    def reporting(self) -> frozenset[str]:
        """Return the channels whose providers can report what became of a message."""
        known = self.channels if self.receipt_key else {}
        return frozenset(name for name, one in known.items() if hasattr(one, "receipts"))

    @property
    def links_base(self) -> str:
        """Where the cards' links lead."""
        return self.console_url or f"http://{self.http.host}:{self.http.port}"
