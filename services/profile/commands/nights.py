"""``guanchao profile nightly``: what is due is computed now; or a day, and those after it, anew."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.ext.asyncio import AsyncEngine

from services.profile.adapters.doubts import DOUBTS, doubts
from services.profile.adapters.nights import Computed, Nights, again, stands
from services.profile.commands.places import Postgres, database, run
from services.profile.nightly import steps
from services.profile.permission_book import Conditions, read_conditions
from services.profile.report_plan import Plan, read_plan
from services.profile.settings import CHURN_FLOOR
from shared.calendars import CalendarFile, calendar_at
from shared.console import Refused
from shared.kernel.money import Money

Broker = Annotated[
    str | None,
    typer.Option("--broker", envvar="PROFILE_BROKER", show_envvar=False, help="期货公司 · broker"),
]
Day = Annotated[
    datetime | None,
    typer.Option("--day", formats=["%Y-%m-%d"], help="要它算好的交易日 · the day to have"),
]
Again = Annotated[
    bool, typer.Option("--again", help="从 --day 起算过的也重算 · anew, from --day on")
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

    服务自己会算：某天在每个分区都收了盘，或之后又有更正。服务在跑也可以用：同一时刻只有一个在算，轮到了才算。

    The service does so by itself when a day is closed or corrected; this waits for its turn.
    """
    wanted = Wanted(broker or "", day.date() if day else None, again, nights)
    typer.echo(run(lambda: _compute(postgres, wanted)))


class Wanted(NamedTuple):
    """What is asked of a broker's nights; ``kept``: of so many newest."""

    broker: str
    day: date | None
    again: bool
    kept: int


class Files(BaseSettings):
    """The files that profile itself is told to use."""

    model_config = SettingsConfigDict(env_prefix="PROFILE_", extra="ignore", frozen=True)

    calendar: CalendarFile = None
    permission_rules: Path | None = None
    report_plan: Path | None = None
    churn_floor: Money = CHURN_FLOOR

    @property
    def conditions(self) -> Conditions:
        """The conditions in force, or a refusal that says what is wrong with the file."""
        try:
            return read_conditions(self.permission_rules)
        except (ValueError, OSError) as wrong:
            raise _unread("权限条件", "PERMISSION_RULES", wrong) from None

    @property
    def plan(self) -> Plan:
        """The reports in force, or a refusal that says what is wrong with the file."""
        try:
            return read_plan(self.report_plan)
        except (ValueError, OSError) as wrong:
            raise _unread("报表计划", "REPORT_PLAN", wrong) from None


def _unread(what: str, setting: str, wrong: Exception) -> Refused:
    return Refused(
        f"{what}读不了：{wrong}。改好 PROFILE_{setting} 指的文件，或去掉它用自带的",
        f"mend the file of PROFILE_{setting}, or unset it for the one that is shipped",
    )


async def _compute(dsn: str | None, wanted: Wanted) -> str:
    """Compute what is due; return what is said of it in the end."""
    if not wanted.broker:
        raise Refused(
            "不知道是哪家公司：加 --broker，或设 PROFILE_BROKER",
            "which broker? --broker, or PROFILE_BROKER",
        )
    if wanted.again and wanted.day is None:
        raise Refused("--again 要和 --day 一起用", "--again wants --day")
    files = Files()
    conditions, plan = files.conditions, files.plan  # a wrong file, before any store is asked
    async with database(dsn) as engine:
        await _prepare(engine, wanted)
        days = list[date]()
        due = Nights(
            engine,
            wanted.broker,
            steps(),
            wanted.kept,
            calm=0,
            calendar=calendar_at(files.calendar),
            conditions=conditions,
            plan=plan,
            churn_floor=files.churn_floor,
            waits=True,
        )
        async for done in _all(due):
            days.append(done.day)
            typer.echo(f"  {done.day} {done.step}: {done.rows} 行 rows, {done.seconds:.1f} s")
        await _require(engine, wanted)
        await _doubt(engine, wanted, days)
    if days:
        return f"✓ 算了 computed {len(days)} 步 steps"
    if wanted.day is None:
        return "✓ 没有该算的 · nothing is due"
    return f"✓ {wanted.day} 早已算过，要重算加 --again · was computed before: --again does it anew"


async def _prepare(engine: AsyncEngine, wanted: Wanted) -> None:
    """Refuse a day that cannot be computed; have one computed again."""
    if wanted.day is None:
        return
    async with engine.begin() as connection:
        if not (await stands(connection, wanted.broker, wanted.day)).whole:
            raise Refused(
                f"{wanted.day} 还没有在每个分区收盘，算不了",
                "the day is not closed in every partition",
            )
        if wanted.again:
            await again(connection, wanted.broker, wanted.day)


async def _require(engine: AsyncEngine, wanted: Wanted) -> None:
    """Refuse to be silent about a day that is older than the nights that are kept."""
    if wanted.day is None:
        return
    async with engine.connect() as connection:
        if (await stands(connection, wanted.broker, wanted.day)).computed_at is None:
            raise Refused(
                f"{wanted.day} 比最近 {wanted.kept} 个交易日早，没有算：加大 --nights",
                "older than the newest nights that are computed: a larger --nights",
            )


async def _doubt(engine: AsyncEngine, wanted: Wanted, computed: Sequence[date]) -> None:
    """Say of how many accounts something is missing, of the days computed and the one asked for."""
    days = {*computed, *((wanted.day,) if wanted.day else ())}
    async with engine.connect() as connection:
        for one in await doubts(connection, wanted.broker, sorted(days)):
            typer.echo(f"  ⚠ {one.day}：{one.accounts} 个账户 accounts，{DOUBTS[one.doubt]}")


async def _all(nights: Nights) -> AsyncIterator[Computed]:
    while (done := await nights.compute()) is not None:
        yield done
