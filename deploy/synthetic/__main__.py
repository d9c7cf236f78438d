"""``python -m deploy.synthetic files | demo | run``; the push key comes as SYNTHETIC_PUSH_KEY."""

import re
import signal
import sys
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import httpx
import typer
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console

from deploy.synthetic import demo as demonstration
from deploy.synthetic import run as season
from deploy.synthetic.calendar_in_use import calendar_in_use
from deploy.synthetic.demo import Chain
from deploy.synthetic.drop import write
from deploy.synthetic.feed import TurnedAway
from deploy.synthetic.patience import GivenUp
from deploy.synthetic.play import Play
from deploy.synthetic.season import AnotherSeason, Place
from deploy.synthetic.stage import AFTERNOON, Stage, Unplayable
from deploy.synthetic.stillness import Restless
from shared.kernel.calendar_form import WrongCalendar
from shared.kernel.trading_day import TradingDay

REFUSED, STOPPED = 2, 130
LATEST = time(23, 0)
DEFAULT_DAY = datetime(2026, 6, 1)  # noqa: DTZ001 a trading day has no zone
DEMO_SPEED, RUN_SPEED = 1200.0, 60.0

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="交易日 · the trading day")]
Accounts = Annotated[int, typer.Option(min=1, max=1_000_000, help="账户数 · how many accounts")]
Seed = Annotated[int, typer.Option(min=0, help="随机种子 · the same seed, the same figures")]
Url = Annotated[str, typer.Option(help="http://host:port")]
Folder = Annotated[Path, typer.Option(file_okay=False, help="文件夹 · a folder")]
Status = typer.Option(help="mot, notify: services whose /metrics say how busy they are")
Speed = Annotated[float, typer.Option(min=0.1, help="倍速 · simulated seconds in a second")]
Counter = Annotated[
    int, typer.Option(min=0, max=65535, help="模拟柜台的端口 · the simulated counter's port")
]
Kinds = Annotated[
    str, typer.Option(help="只写这些，逗号分开 · only these, such as staff,fundchg,cusfund; all")
]
Settles = Annotated[str, typer.Option(help="结算文件到达时间 HH:MM · when the day's files come")]


class Secrets(BaseSettings):
    """What is never an argument: arguments are seen by every user of the machine."""

    model_config = SettingsConfigDict(env_prefix="SYNTHETIC_", frozen=True)

    push_key: SecretStr = Field(min_length=1)


@app.command()
def files(
    day: Day = DEFAULT_DAY,
    accounts: Accounts = 1000,
    seed: Seed = 7,
    out: Folder = Path("drop"),
    kinds: Kinds = "",
) -> None:
    """Write the directory files, the day's CFMMC files and those of the days before it."""

    def command() -> int:
        play = Play.of(Stage(_day(day), calendar_in_use()), accounts, seed)
        out.mkdir(parents=True, exist_ok=True)
        days = (*play.stage.history, play.stage.day)
        made = [*play.company.directory_files(days[0])]
        made += [file for on in days for file in play.company.settlement_files(on)]
        made = [file for file in made if _wanted(file.name, kinds)]
        for file in made:
            sys.stdout.write(f"{write(out, file)}\n")
        return 0

    _end(command)


@app.command()
def demo(  # noqa: PLR0913, PLR0917 one parameter an option
    ingest: Url,
    sandbox: Url,
    drop: Folder,
    status: Annotated[list[str], Status],
    day: Day = DEFAULT_DAY,
    accounts: Accounts = 1000,
    seed: Seed = 7,
    speed: Speed = DEMO_SPEED,
    settles: Settles = "22:30",
    state: Folder | None = None,
    counter: Counter = 0,
) -> None:
    """Play a day into the chain; exit 0 only if exactly the golden messages reached people."""

    def command() -> int:
        stage = Stage(_day(day), calendar_in_use(), _settles(settles))
        console = Console(highlight=False)
        chain = _chain(ingest, sandbox, drop, status, counter)
        with httpx.Client(trust_env=False) as client:
            play = Play.of(stage, accounts, seed)
            report = demonstration.perform(play, chain, speed, console, client)
        if state is not None:
            demonstration.keep(report, state)
        sys.stdout.write(f"{report.line()}\n")
        return 0 if report.verdict.passed else 1

    _end(command)


@app.command()
def run(  # noqa: PLR0913, PLR0917 one parameter an option
    ingest: Url,
    sandbox: Url,
    drop: Folder,
    state: Folder,
    day: Day = DEFAULT_DAY,
    accounts: Accounts = 1000,
    seed: Seed = 7,
    speed: Speed = RUN_SPEED,
    status: Annotated[list[str] | None, Status] = None,
    counter: Counter = 0,
) -> None:
    """Live on, day after day of the calendar, from where the state says; stops at SIGTERM."""

    def command() -> int:
        first = Place(_day(day), _day(day), None, seed, accounts)
        chain = _chain(ingest, sandbox, drop, status, counter)
        season.live(chain, state, first, speed, Console(highlight=False))
        return 0

    _end(command)


def _day(day: datetime) -> TradingDay:
    return TradingDay(day.date())


def _wanted(name: str, kinds: str) -> bool:
    """Say whether a file is of a kind that was asked for."""
    kind = re.sub(r"^\d*|\d*\.\w+$", "", name)
    return not kinds or kind in kinds.replace(" ", "").split(",")


def _settles(text: str) -> time:
    """Read when the files come: after the afternoon's close, on the same date."""
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise Unplayable(f"--settles {text}: not a time HH:MM") from None
    if not AFTERNOON <= at <= LATEST:
        raise Unplayable(f"--settles {text}: not between {AFTERNOON:%H:%M} and {LATEST:%H:%M}")
    return at


def _chain(ingest: str, sandbox: str, drop: Path, status: list[str] | None, counter: int) -> Chain:
    urls = [url.rstrip("/") for url in (ingest, sandbox, *(status or ()))]
    return Chain(urls[0], urls[1], drop, urls[2:], Secrets().push_key, counter)


def _end(command: Callable[[], int]) -> NoReturn:
    """Run a command and turn its end into an exit code; what it cannot do is one line."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = command()
    except KeyboardInterrupt:
        code = STOPPED
    except ValidationError:
        code = _refuse("SYNTHETIC_PUSH_KEY is not set: the push key of ingest")
    except (Unplayable, AnotherSeason, TurnedAway, GivenUp, Restless, OSError) as why:
        code = _refuse(str(why))
    except httpx.HTTPError as why:
        code = _refuse(f"{type(why).__name__}: {why}")
    except WrongCalendar as wrong:
        code = _refuse(f"SYNTHETIC_CALENDAR: {wrong}")
    raise typer.Exit(code)


def _refuse(why: str) -> int:
    sys.stderr.write(f"✗ {why}\n")
    return REFUSED


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    app()
