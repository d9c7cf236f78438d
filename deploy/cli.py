"""``guanchao``: the one command of operators. It finds the stores, the services do the work.

A service's commands are loaded by name when they are asked for: an image holds one service, and
nothing here may import one.
"""

import contextlib
import os
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.embedded.running import environment
from shared.observability import logging

Places = Mapping[str, tuple[str, str]]
COMMANDS = {
    "replay": ("services.mot.commands.guanchao", "replay"),
    "token": ("deploy.token_command", "token"),
}
GROUPS = {
    "audit": ("services.ingest.commands.audit", "app"),
    "calendar": ("deploy.calendar_commands", "app"),
    "dead-letters": ("services.ingest.commands.letters", "app"),
    "directory": ("services.ingest.commands.directory", "app"),
    "ingest": ("services.ingest.commands.ingest", "app"),
    "keys": ("services.ingest.commands.keys", "app"),
    "notify": ("services.notify.commands.notify", "app"),
    "mot": ("services.mot.commands.guanchao", "app"),
    "profile": ("services.profile.commands.profile", "app"),
}
OURS = ("services", "shared", "deploy")
STATE = "--state"
HELP = """观潮的运维命令 · the operator's commands.

地址取自 --brokers / --valkey / --postgres，其次环境变量 MOT_KAFKA__BROKERS / MOT_VALKEY__URL /
INGEST_POSTGRES__DSN / NOTIFY_POSTGRES__DSN / PROFILE_POSTGRES__DSN，再其次本机正在运行的
make run（--state 目录，缺省 .guanchao/run）。

Addresses: the flags, else the environment, else the stack that `make run` runs on this machine.
"""


def build(asked: str | None = None) -> typer.Typer:
    """Return the command line with every command of every service, or the one asked for alone."""
    app = typer.Typer(
        name="guanchao",
        help=HELP,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for name, place in _wanted(COMMANDS, asked):
        with contextlib.suppress(NotInstalled):
            app.command(name=name)(_load(*place))
    for name, place in _wanted(GROUPS, asked):
        with contextlib.suppress(NotInstalled):
            app.add_typer(_load(*place), name=name)
    return app


def main() -> None:
    """Run ``guanchao``; where nothing else tells the addresses, the running stack does.

    What it answers goes to stdout, what it logs to stderr.
    """
    logging.configure("guanchao", sys.stderr)
    for name, value in environment(_state(sys.argv[1:])).items():
        os.environ.setdefault(name, value)
    names = {*COMMANDS, *GROUPS}
    build(next((word for word in sys.argv[1:] if word in names), None))(prog_name="guanchao")


def _options(
    state: Annotated[
        Path | None,
        typer.Option(STATE, metavar="DIR", help="make run 的状态目录 · the state folder"),
    ] = None,
) -> None:
    """Take what holds for every command; ``main`` has read it already."""


def _state(arguments: list[str]) -> Path | None:
    """Find the state folder before the commands are built: their defaults depend on it."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if argument == STATE:
            return Path(following)
        if argument.startswith(f"{STATE}="):
            return Path(argument.partition("=")[2])
    return None


def _wanted(all_: Places, asked: str | None) -> Iterable[tuple[str, tuple[str, str]]]:
    return ((name, place) for name, place in all_.items() if asked in (None, name))


class NotInstalled(ImportError):
    """What a service needs is not in this image: its commands are not offered here."""


def _load(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in OURS:
            raise
        raise NotInstalled(missing.name) from missing


if __name__ == "__main__":
    main()
