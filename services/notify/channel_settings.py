"""What the channels must be told: the service reads it, and the command that tries them."""

from collections.abc import Mapping
from typing import Self

from pydantic import PositiveFloat, PositiveInt, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
from shared.settings import Part


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


class ChannelSettings(BaseSettings):
    """``NOTIFY_…``, nested names joined by two underscores."""

    model_config = SettingsConfigDict(
        env_prefix="NOTIFY_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    wecom: WecomApp
    sms: AliyunSms
    robots: Robots = Robots()
    app_push: AppPush | None = None
    tencent_sms: TencentSms | None = None
    aliyun_voice: AliyunVoice | None = None
    mail: Mail | None = None
    sending: Sending = Sending()

    @property
    def channels(self) -> Mapping[str, Channel]:
        """Return what is configured, by the catalogue's names."""
        given: dict[str, Channel | None] = {"wecom_app": self.wecom, "aliyun_sms": self.sms}
        given |= {name: getattr(self.robots, name) for name in Robots.model_fields}
        given |= {name: getattr(self, name) for name in OPTIONAL}
        return {name: channel for name, channel in given.items() if channel is not None}
