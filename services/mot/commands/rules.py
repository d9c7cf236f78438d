"""``guanchao mot rules publish | list | check``."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.mot.commands.console import Refused, kafka_at, run
from services.mot.commands.publishing import (
    Author,
    Change,
    drafted,
    publish_rules,
    rulebook,
    settings_of,
)
from services.mot.domain.detectors import catalogue
from services.mot.rulebook import Rulebook, Version
from services.mot.rules import WrongRules
from shared.clock import WallClock
from shared.settings import KafkaSettings

app = typer.Typer(
    no_args_is_help=True, help="规则版本：发布、列出、检查 · rule versions: publish, list, check"
)
Brokers = Annotated[
    str | None,
    typer.Option("--brokers", envvar="MOT_KAFKA__BROKERS", help="Kafka 地址 主机:端口 · host:port"),
]
File = Annotated[
    str,
    typer.Argument(metavar="FILE|-", help="同 rules.yaml 的写法；- 读标准输入 · like rules.yaml"),
]
Note = Annotated[str, typer.Option("--note", help="为什么改 · why")]
Name = Annotated[str | None, typer.Option("--author", help="谁改的，缺省是登录名 · who")]
History = Annotated[bool, typer.Option("--history", help="每一个版本 · every version")]
Offline = Annotated[bool, typer.Option("--offline", help="只对照文件，不连 Kafka · without Kafka")]


@app.command()
def publish(file: File, brokers: Brokers = None, note: Note = "", author: Name = None) -> None:
    """发布新版本，不用重启 · publish new versions; no restart.

    每行写要改的：没写的阈值、urgency、enabled 不变，没写 version 就是下一个。
    每个分区写下一个检查点之后生效。

    A line says what changes; what it leaves out stays. In force on each partition after its next
    checkpoint.
    """
    run(lambda: _publish(kafka_at(brokers), _text(file), _author(author, note)))


@app.command()
def check(file: File, brokers: Brokers = None, offline: Offline = False) -> None:
    """检查而不发布：会变什么，错在哪 · check a file: what would change, or what is wrong."""
    run(lambda: _check(None if offline else kafka_at(brokers), _text(file)))


@app.command(name="list")
def list_rules(brokers: Brokers = None, history: History = False) -> None:
    """列出生效的规则：版本、来处、阈值 · the rules in force: version, author, thresholds."""
    run(lambda: _list(kafka_at(brokers), history))


async def _publish(kafka: KafkaSettings, text: str, author: Author) -> None:
    book = await _book(kafka)
    changes = _drafted(text, book, author)
    await publish_rules(kafka, changes, book)
    _show(changes, "✓ 已发布 · published")


async def _check(kafka: KafkaSettings | None, text: str) -> None:
    _show(_drafted(text, await _book(kafka), _author(None, "")), "会变成 · would become")


async def _list(kafka: KafkaSettings, history: bool) -> None:
    book = await _book(kafka)
    for name, now in book.versions().items():
        for version in reversed(book.history(name)) if history else [now]:
            mark = "" if version is now else "  （旧 old）"
            told = catalogue()[name].message_type
            typer.echo(f"{name}  {told}  v{version.number}  {_from(version)}{mark}")
            typer.echo(f"    {_said(version)}")


async def _book(kafka: KafkaSettings | None) -> Rulebook:
    book, refused = await rulebook(kafka)
    for line in refused:
        typer.echo(f"  被拒绝的记录 · refused: {line}", err=True)
    return book


def _drafted(text: str, book: Rulebook, author: Author) -> list[Change]:
    try:
        changes = drafted(text, book, author)
    except WrongRules as error:
        raise Refused(
            f"规则有错，没有发布：{error}", "wrong rules, nothing was published"
        ) from None
    if not changes:
        raise Refused("文件里没有规则", "no rule in the file")
    return changes


def _show(changes: list[Change], title: str) -> None:
    for rule, changed in changes:
        typer.echo(f"{title}: {rule.rule} v{rule.version}")
        for name, (now, then) in changed.items():
            typer.echo(f"    {name}: {now} → {then}")
        if not changed:
            typer.echo("    （与现在相同 · the same as now）")


def _author(name: str | None, note: str) -> Author:
    return Author(name or getpass.getuser(), WallClock().now(), note)


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"读不了 {file}：{error}", "the file cannot be read") from None


def _from(version: Version) -> str:
    told = version.told
    return version.author if told is None else f"{told.author} {told.published_at:%Y-%m-%d %H:%M}"


def _said(version: Version) -> str:
    if version.detector is None:
        return "关 off"
    said = settings_of(version.detector)
    return " ".join(f"{name}={value}" for name, value in said.items() if name != "enabled")
