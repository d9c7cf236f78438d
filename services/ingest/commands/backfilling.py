"""``guanchao ingest backfill``: files of past days become history, without alerting again."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters.books import books_of
from services.ingest.adapters.excel import parse
from services.ingest.agent.backfilling import NOTHING_CLOSES, Backfill, as_history, of_days
from services.ingest.agent.taking import Fate, Intake, Outcome
from services.ingest.commands.places import Postgres, ciphers, database, run
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


def backfill(  # noqa: PLR0913, PLR0917 each is an option of the command
    folder: Folder,
    first: First,
    last: Last,
    broker: Broker,
    calendar: Calendar = None,
    postgres: Postgres = None,
) -> None:
    """补录一段日子的日终文件，不再提醒 · take the files of past days as history; nothing is raised.

    每个文件一个事务；断了再跑一次，收过的跳过。文件留在原处。ingest 照常运行，由它转发；
    积压多时先等它，实时的不会被堵。退出码：0 全部收下，1 有坏行或拒收。

    One transaction a file: run it again after a break, what is in is skipped. Files stay where they
    are. The running ingest publishes; while much waits, this waits. Exit code: 0 all taken, 1 some
    rows were bad or a file was refused.
    """
    known = calendar_at(calendar)
    paths = of_days([*folder.iterdir()], first.date(), last.date(), known)
    if not paths:
        refused = Refused("这段日子没有可收的文件", "no dated file of these days is there")
        typer.echo(f"{refused}", err=True)
        raise typer.Exit(2)
    outcomes = run(lambda: _take(postgres, paths, (broker, calendar)))
    for path, outcome in zip(paths, outcomes, strict=True):
        typer.echo(_said(path, outcome))
    whole = all(one.fate is not Fate.REFUSED and not one.bad for one in outcomes)
    raise typer.Exit(0 if whole else BAD_ROWS)


async def _take(dsn: str | None, paths: list[Path], site: tuple[str, Path | None]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    async with database(dsn) as bound:
        filling = Backfill(as_history(_intake(bound, *site)), lambda: _waiting(bound))
        with bar("补录 backfill") as told:
            for path in paths:
                told(len(outcomes), len(paths))
                outcomes.append(await filling.take(path))
    return outcomes


def _intake(bound: AsyncEngine, broker: str, calendar: Path | None) -> Intake:
    sealer, blind = ciphers()
    return Intake(
        broker=broker,
        calendar=calendar_at(calendar),
        closing=NOTHING_CLOSES,
        sealer=sealer,
        clock=WallClock(),
        open_books=books_of(bound),
        parse=parse,
        blind=blind,
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
