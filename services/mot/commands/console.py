"""Where mot's stores, rules and calendar are, and what is said when one of them is not there."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import redis.exceptions
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.mot.rules import SHIPPED
from shared import console
from shared.calendars import calendar_at
from shared.console import CONSOLE, REFUSED, Refused, bar
from shared.kernel.calendar_form import WrongCalendar
from shared.kernel.trading_day import Calendar
from shared.settings import KafkaSettings, ValkeySettings

__all__ = [
    "CONSOLE",
    "REFUSED",
    "Places",
    "Refused",
    "bar",
    "calendar_in_use",
    "kafka_at",
    "run",
    "valkey_at",
]

SCHEMES = ("redis://", "rediss://", "unix://")
T = TypeVar("T")
_VALKEY_AWAY = (
    (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError),
    Refused(
        "Valkey 没有回答：它在运行吗？地址对吗？见 --valkey",
        "Valkey does not answer: is it running, is the address right? see --valkey",
    ),
)


class Places(BaseSettings):
    """Where mot's stores are: the variables that mot itself reads, or the command's flags."""

    model_config = SettingsConfigDict(
        env_prefix="MOT_", env_nested_delimiter="__", extra="ignore", frozen=True
    )

    kafka: KafkaSettings | None = None
    valkey: ValkeySettings | None = None
    rules: Path = SHIPPED
    calendar: Path | None = None


def calendar_in_use() -> Calendar:
    """Return the calendar that mot is told to use."""
    try:
        return calendar_at(Places().calendar)
    except WrongCalendar as wrong:
        raise Refused(
            f"MOT_CALENDAR 的日历文件有错：{wrong}", "the calendar file is refused"
        ) from None


def kafka_at(brokers: str | None) -> KafkaSettings:
    """Return where Kafka is: the flag, else the environment."""
    told = KafkaSettings(brokers=brokers) if brokers else Places().kafka
    if told is None:
        raise Refused(
            "不知道 Kafka 在哪：加 --brokers 主机:端口，或设 MOT_KAFKA__BROKERS，或先 make run",
            "where is Kafka? --brokers host:port, MOT_KAFKA__BROKERS, or make run",
        )
    return told


def valkey_at(url: str | None) -> ValkeySettings:
    """Return where Valkey is: the flag, else the environment."""
    told = ValkeySettings(url=SecretStr(url)) if url else Places().valkey
    if told is None:
        raise Refused(
            "不知道 Valkey 在哪：加 --valkey redis://主机:端口/0，或设 MOT_VALKEY__URL，或先 make run",  # noqa: E501
            "where is Valkey? --valkey redis://host:port/0, MOT_VALKEY__URL, or make run",
        )
    if not told.url.get_secret_value().startswith(SCHEMES):
        raise Refused(
            "Valkey 的地址要写成 redis://主机:端口/0", "Valkey's address: redis://host:port/0"
        )
    return told


def run(command: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a command to its end; what cannot be done is one line and exit code 2, no traceback."""
    return console.run(command, _VALKEY_AWAY)
