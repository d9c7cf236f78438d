"""What notify must be told; read from the environment once, in ``__main__``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notify.domain.canary import Canary
from services.notify.domain.channel import Channel
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.aliyun_voice import AliyunVoice
from services.notify.domain.channels.app_push import AppPush
from services.notify.domain.channels.dingtalk_robot import DingtalkRobot
from services.notify.domain.channels.feishu_robot import FeishuRobot
from services.notify.domain.channels.mail import Mail
from services.notify.domain.channels.tencent_sms import TencentSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.channels.wecom_robot import WecomRobot
from services.notify.domain.wecom_callback import WecomCallback
from shared.calendars import CalendarFile
from shared.contracts.event import Code
from shared.crypto import FieldCipher
from shared.settings import (
    HttpSettings,
    KafkaSettings,
    Part,
    PostgresSettings,
    TokenSettings,
    ValkeySettings,
)


class Sending(Part):
    """``timeout_seconds``: one exchange with a gateway. ``lease_seconds``: one claim.

    ``slots``: how many are under way at a time. ``proxy``: the way out, where the gateway wants a
    known address.
    """

    timeout_seconds: PositiveFloat = 5.0
    lease_seconds: PositiveFloat = 15.0
    slots: PositiveInt = 64
    proxy: SecretStr | None = None

    @model_validator(mode="after")
    def _a_lease_outlives_a_send(self) -> Self:
        if self.lease_seconds < 2 * self.timeout_seconds:
            raise ValueError("lease_seconds must be at least twice timeout_seconds")
        return self


OPTIONAL = ("app_push", "tencent_sms", "aliyun_voice", "mail")


class Robots(Part):
    """群机器人 — each with a group for each role; one that is left out is not configured."""

    wecom_robot: WecomRobot | None = None
    dingtalk_robot: DingtalkRobot | None = None
    feishu_robot: FeishuRobot | None = None

    @property
    def by_role(self) -> Mapping[str, frozenset[str]]:
        """Return role → the robots that have a group for it."""
        robots = {name: made for name in type(self).model_fields if (made := getattr(self, name))}
        roles = {role for made in robots.values() for role in made.groups}
        return {r: frozenset(n for n, made in robots.items() if r in made.groups) for r in roles}


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
    robots: Robots = Robots()
    app_push: AppPush | None = None
    tencent_sms: TencentSms | None = None
    aliyun_voice: AliyunVoice | None = None
    mail: Mail | None = None
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
    def signs(self) -> tuple[str, ...]:
        """Return the 短信签名 that messages go under."""
        by = (self.sms, self.tencent_sms)
        return tuple(dict.fromkeys(channel.sign_name for channel in by if channel is not None))

    @property
    def channels(self) -> Mapping[str, Channel]:
        """Return what is configured, by the catalogue's names."""
        given: dict[str, Channel | None] = {"wecom_app": self.wecom, "aliyun_sms": self.sms}
        given |= {name: getattr(self.robots, name) for name in Robots.model_fields}
        given |= {name: getattr(self, name) for name in OPTIONAL}
        return {name: channel for name, channel in given.items() if channel is not None}

    @property
    def reporting(self) -> frozenset[str]:
        """Return the channels whose providers can report what became of a message."""
        known = self.channels if self.receipt_key else {}
        return frozenset(name for name, one in known.items() if hasattr(one, "receipts"))

    @property
    def links_base(self) -> str:
        """Where the cards' links lead."""
        return self.console_url or f"http://{self.http.host}:{self.http.port}"
