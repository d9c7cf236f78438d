"""What a person at a terminal sees: one line when something cannot be done, and a bar meanwhile.

stdout belongs to what was asked for; everything else goes to stderr.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import redis.exceptions
import typer
from aiokafka.errors import KafkaError
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from services.mot.adapters.log_reader import Told
from services.mot.rules import SHIPPED
from shared.calendars import calendar_at
from shared.kernel.calendar_form import WrongCalendar
from shared.kernel.trading_day import Calendar
from shared.settings import KafkaSettings, ValkeySettings

REFUSED = 2
SCHEMES = ("redis://", "rediss://", "unix://")
CONSOLE = Console(stderr=True, highlight=False)
T = TypeVar("T")


class Refused(RuntimeError):
    """What is wrong and what to do about it: Chinese first, English beside, in one line."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(" ".join(f"✗ {chinese} | {english}".split()))


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
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        return asyncio.run(command())
    except Refused as refused:
        line = str(refused)
    except KafkaError as error:
        line = str(
            Refused(
                f"Kafka 没有回答（{type(error).__name__}）：它在运行吗？地址对吗？见 --brokers",
                "Kafka does not answer: is it running, is the address right? see --brokers",
            )
        )
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError):
        line = str(
            Refused(
                "Valkey 没有回答：它在运行吗？地址对吗？见 --valkey",
                "Valkey does not answer: is it running, is the address right? see --valkey",
            )
        )
    typer.echo(line, err=True)
    raise typer.Exit(REFUSED)


@contextlib.contextmanager
def bar(what: str) -> Iterator[Told]:
    """Show how far something long is; on no terminal, nothing."""
    columns = (TextColumn("  {task.description}"), BarColumn(), TaskProgressColumn())
    quiet = not CONSOLE.is_terminal
    elapsed = TimeElapsedColumn()
    with Progress(*columns, elapsed, console=CONSOLE, transient=True, disable=quiet) as shown:
        task = shown.add_task(what, total=None)

        def told(done: int, of: int) -> None:
            shown.update(task, completed=done, total=of)

        yield told
