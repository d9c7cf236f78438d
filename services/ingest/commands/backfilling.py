"""``guanchao ingest backfill``: files of past days become history, without alerting again."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters.books import books_of
from services.ingest.adapters.columns import own_sources
from services.ingest.adapters.excel import parse
from services.ingest.adapters.profiles import BadProfile, load_all
from services.ingest.agent.backfilling import NOTHING_CLOSES, Backfill, Chosen, as_history, of_days
from services.ingest.agent.taking import Fate, Intake, Outcome
from services.ingest.commands.places import Postgres, ciphers, database, operator, run
from services.ingest.domain.columns import WrongColumns
from services.ingest.domain.profiles.tallied import tally_of
from shared.calendars import calendar_at
from shared.clock import WallClock
from shared.console import Refused, bar

BAD_ROWS = 1
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="文件在哪 · the folder")]
First = Annotated[
    datetime,
    typer.Option("--from", formats=["%Y-%m-%d", "%Y%m%d"], help="从哪个交易日 · first day"),
]
Last = Annotated[
    datetime, typer.Option("--to", formats=["%Y-%m-%d", "%Y%m%d"], help="到哪个交易日 · last day")
]
Broker = Annotated[
    str, typer.Option("--broker", envvar="INGEST_BROKER", help="期货公司编号 · INGEST_BROKER")
]
Calendar = Annotated[
    Path | None, typer.Option("--calendar", envvar="INGEST_CALENDAR", help="日历文件 · calendar")
]


Profiles = Annotated[
    Path | None,
    typer.Option("--profiles", envvar="INGEST_PROFILES", help="映射配置的目录 · profiles' folder"),
]
Columns = Annotated[
    Path | None,
    typer.Option("--columns", envvar="INGEST_COLUMNS", help="CFMMC 文件的列 · columns' file"),
]


Taken = tuple[Path, Outcome]


class Site(NamedTuple):
    """What a backfill must know of the broker; the same as ingest itself."""

    broker: str
    calendar: Path | None
    profiles: Path | None
    columns: Path | None


def backfill(  # noqa: PLR0913, PLR0917 each is an option of the command
    folder: Folder,
    first: First,
    last: Last,
    broker: Broker,
    calendar: Calendar = None,
    profiles: Profiles = None,
    columns: Columns = None,
    postgres: Postgres = None,
) -> None:
    """补录一段日子的文件，不再提醒 · take the files of past days as history; nothing is raised.

    CFMMC 文件、结算单、映射配置的文件都收；收不了的逐个点名，写明怎么办。
    每个文件一个事务，记入审计；断了再跑一次，收过的跳过，有坏行的照样说。文件留在原处。
    ingest 照常运行，由它转发；积压多时先等它，实时的不会被堵。
    退出码：0 全部收下，1 有坏行、拒收或没收的，2 一个也没有。

    CFMMC files, statements and files of profiles; whatever cannot be taken is named with its
    remedy. One transaction a file, with a line of the audit: run it again after a break, what is in
    is skipped. Files stay where they are. The running ingest publishes; while much waits, this
    waits. Exit code: 0 all taken, 1 some rows were bad or a file was refused or left, 2 there was
    none to take.
    """
    site, days = Site(broker, calendar, profiles, columns), (first.date(), last.date())
    with telling() as taken:
        chosen = run(lambda: _take(postgres, folder, days, site, taken))
    for name, why in chosen.left:
        typer.echo(f"✗ {name}  没收 left  {why}")
    if not chosen.paths:
        refused = Refused("这段日子没有可收的文件", "no file of these days is there")
        typer.echo(f"{refused}", err=True)
        raise typer.Exit(2)
    whole = all(one.fate is not Fate.REFUSED and not one.bad for _, one in taken)
    raise typer.Exit(0 if whole and not chosen.left else BAD_ROWS)


@contextlib.contextmanager
def telling() -> Iterator[list[Taken]]:
    """Say what became of each file, also when what comes after them fails."""
    taken: list[Taken] = []
    try:
        yield taken
    finally:
        for path, outcome in taken:
            typer.echo(_said(path, outcome))


async def _take(
    dsn: str | None, folder: Path, days: tuple[date, date], site: Site, taken: list[Taken]
) -> Chosen:
    async with database(dsn) as bound:
        intake = as_history(_intake(bound, site))
        filling = Backfill(intake, lambda: _waiting(bound))
        chosen = of_days(await asyncio.to_thread(_files, folder), *days, intake)
        with bar("补录 backfill") as told:
            for path in chosen.paths:
                told(len(taken), len(chosen.paths))
                taken.append((path, await filling.take(path)))
    return chosen


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and path.name[0] != "."]


def _intake(bound: AsyncEngine, site: Site) -> Intake:
    sealer, blind = ciphers()
    try:
        profiles = load_all(site.profiles)
        own = own_sources(profiles, site.columns, site.broker)
    except BadProfile as wrong:
        raise Refused(f"INGEST_PROFILES 有错：{wrong}", "a mapping profile is wrong") from None
    except WrongColumns as wrong:
        raise Refused(f"INGEST_COLUMNS 有错：{wrong}", "the file of columns is wrong") from None
    return Intake(
        broker=site.broker,
        calendar=calendar_at(site.calendar),
        closing=NOTHING_CLOSES,
        sealer=sealer,
        clock=WallClock(),
        open_books=books_of(bound),
        parse=parse,
        blind=blind,
        profiles=own,
        tally=tally_of(profiles),
        actor=operator(),
    )


async def _waiting(bound: AsyncEngine) -> int:
    async with bound.connect() as connection:
        counted = await connection.execute(text("SELECT count(*) FROM outbox"))
        return int(counted.scalar_one())


def _said(path: Path, outcome: Outcome) -> str:
    mark = "✗" if outcome.fate is Fate.REFUSED else "✓"
    why = f"  {outcome.reason}" if outcome.reason else ""
    counts = f"好 good {outcome.good}  坏 bad {outcome.bad}"
    return f"{mark} {path.name}  {outcome.fate.value}  {counts}{why}"
