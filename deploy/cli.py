"""``guanchao``: the one command of operators. It finds the stores, the services do the work.

A service's commands are loaded by name when they are asked for: an image holds one service, and
nothing here may import one.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.embedded.running import environment

COMMANDS = {"replay": ("services.mot.commands.guanchao", "replay")}
GROUPS = {
    "calendar": ("deploy.calendar_commands", "app"),
    "mot": ("services.mot.commands.guanchao", "app"),
}
STATE = "--state"
HELP = """观潮的运维命令 · the operator's commands.

地址取自 --brokers / --valkey，其次环境变量 MOT_KAFKA__BROKERS / MOT_VALKEY__URL，
再其次本机正在运行的 make run（--state 目录，缺省 .guanchao/run）。

Addresses: the flags, else the environment, else the stack that `make run` runs on this machine.
"""


def build() -> typer.Typer:
    """Return the command line with every command of every service."""
    app = typer.Typer(
        name="guanchao",
        help=HELP,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for name, place in COMMANDS.items():
        app.command(name=name)(_load(*place))
    for name, place in GROUPS.items():
        app.add_typer(_load(*place), name=name)
    return app


def main() -> None:
    """Run ``guanchao``; where nothing else tells the addresses, the running stack does."""
    for name, value in environment(_state(sys.argv[1:])).items():
        os.environ.setdefault(name, value)
    build()(prog_name="guanchao")


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


def _load(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


if __name__ == "__main__":
    main()
