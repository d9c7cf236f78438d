"""``python -m deploy.embedded run | demo | stores``: see ``make`` for the short forms."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deploy.embedded import commands, interruption
from deploy.embedded.ports import DEFAULT_BASE, Ports
from deploy.embedded.prerequisites import check, this_host
from deploy.embedded.refusal import Refusal
from deploy.embedded.state import HOME

DEMO_BASE = DEFAULT_BASE + 100  # so that a demo does not mind a stack that runs
INTERRUPTED = 130
REFUSED = 2

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
State = Annotated[Path | None, typer.Option(help="状态目录 · folder of all state")]
Base = Annotated[int, typer.Option("--port-base", min=1024, max=65000, help="端口起点")]
Verbose = Annotated[bool, typer.Option("--verbose", help="显示全部日志 · show all logs")]
Counter = Annotated[bool, typer.Option("--counter", help="经模拟 CTP 柜台 · by a CTP counter")]
Speed = Annotated[float, typer.Option(min=0.1, help="合成期货公司的时间倍速")]
Seed = Annotated[int, typer.Option(help="合成交易日的随机种子")]


@app.command()
def run(
    state: State = None,
    port_base: Base = DEFAULT_BASE,
    speed: Speed = 60,
    verbose: Verbose = False,
    counter: Counter = False,
) -> None:
    """Run everything until Ctrl-C; the state survives a restart."""
    ports, folder = Ports.at(port_base), state or HOME / "run"
    shown = commands.Shown(verbose, counter)
    _end(lambda: commands.run(folder, ports, speed, shown), interrupted=0)


@app.command()
def demo(
    state: State = None,
    port_base: Base = DEMO_BASE,
    seed: Seed = 7,
    verbose: Verbose = False,
    counter: Counter = False,
) -> None:
    """Play one synthetic trading day at speed; exit 0 only if exactly the golden messages came."""
    ports, folder = Ports.at(port_base), state or HOME / "demo"
    shown = commands.Shown(verbose, counter)
    _end(lambda: commands.demo(folder, ports, seed, shown), interrupted=INTERRUPTED)


@app.command()
def stores(state: State = None, port_base: Base = DEFAULT_BASE) -> None:
    """Run Kafka, PostgreSQL and Valkey with the topics declared, until Ctrl-C."""
    ports, folder = Ports.at(port_base), state or HOME / "run"
    _end(lambda: commands.stores(folder, ports), interrupted=0)


def _end(command: Callable[[], int], interrupted: int) -> NoReturn:
    """Run a command and turn its end into an exit code; a refusal is one line, no traceback."""
    with interruption.handled():
        try:
            check(this_host())
            code = command()
        except KeyboardInterrupt:
            sys.stderr.write("已停止，状态保留 · stopped, state is kept\n")
            code = interrupted
        except Refusal as refusal:
            sys.stderr.write(f"{refusal}\n")
            code = REFUSED
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
