"""``guanchao profile nightly``: what is due is computed now; or a day, and those after it, anew."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.profile.adapters.nights import Computed, Nights, again
from services.profile.commands.places import Postgres, database, run
from services.profile.nightly import steps
from services.profile.permission_book import read_conditions
from shared.calendars import CalendarFile, calendar_at
from shared.console import Refused

Broker = Annotated[
    str | None,
    typer.Option("--broker", envvar="PROFILE_BROKER", show_envvar=False, help="期货公司 · broker"),
]
Day = Annotated[
    datetime | None,
    typer.Option("--day", formats=["%Y-%m-%d"], help="从这个交易日起 · from this trading day on"),
]
Again = Annotated[
    bool, typer.Option("--again", help="算过的也重算（要 --day）· computed ones too; wants --day")
]
Kept = Annotated[
    int, typer.Option("--nights", min=1, help="最近多少个交易日 · so many newest days")
]


def nightly(
    postgres: Postgres = None,
    broker: Broker = None,
    day: Day = None,
    again: Again = False,
    nights: Kept = 30,
) -> None:
    """现在就算夜间批里该算的 · compute now what is due of the night.

    服务自己会算：某天在每个分区都收了盘，或之后又有更正。服务在跑也可以用：同一时刻只有一个在算。

    The service does so by itself when a day is closed or corrected; only one computes at a time.
    """
    if not broker:
        raise Refused(
            "不知道是哪家公司：加 --broker，或设 PROFILE_BROKER",
            "which broker? --broker, or PROFILE_BROKER",
        )
    if again and day is None:
        raise Refused("--again 要和 --day 一起用", "--again wants --day")
    first = day.date() if day else None
    done = run(lambda: _compute(postgres, broker, first if again else None, nights))
    typer.echo(f"✓ 算了 computed {done} 步 steps" if done else "✓ 没有该算的 · nothing is due")


class Files(BaseSettings):
    """The files that profile itself is told to use."""

    model_config = SettingsConfigDict(env_prefix="PROFILE_", extra="ignore", frozen=True)

    calendar: CalendarFile = None
    permission_rules: Path | None = None


async def _compute(dsn: str | None, broker: str, anew: date | None, kept: int) -> int:
    count = 0
    async with database(dsn) as engine:
        if anew is not None:
            async with engine.begin() as connection:
                await again(connection, broker, anew)
        files = Files()
        due = Nights(
            engine,
            broker,
            steps(),
            kept,
            calm=0,
            calendar=calendar_at(files.calendar),
            conditions=read_conditions(files.permission_rules),
        )
        async for done in _all(due):
            count += 1
            typer.echo(f"  {done.day} {done.step}: {done.rows} 行 rows, {done.seconds:.1f} s")
    return count


async def _all(nights: Nights) -> AsyncIterator[Computed]:
    while (done := await nights.compute()) is not None:
        yield done
