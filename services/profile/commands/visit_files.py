"""``guanchao profile visits summary | export | import``: what is done, as a table or a file."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from services.profile import visit_documents
from services.profile.adapters import visit_sums, visits
from services.profile.adapters.clients import Row
from services.profile.adapters.prices import running_day
from services.profile.adapters.records import Records
from services.profile.adapters.visit_bringing import bring_visits
from services.profile.adapters.visit_lists import bring_clients
from services.profile.adapters.visit_naming import By, Imported
from services.profile.adapters.visit_sheets import Unreadable, csv_lines, xlsx_lines
from services.profile.adapters.visits import Wanted
from services.profile.commands.places import Postgres, operator, run
from services.profile.commands.visit_places import Broker, entry, opened
from services.profile.domain import visit_files
from services.profile.domain.visit_files import Sheet
from shared.clock import WallClock
from shared.console import REFUSED, bar
from shared.kernel.trading_day import CHINA
from shared.web.organisation import RowScope

EVERYTHING = RowScope(everything=True)
PAGE, SHOWN = 5_000, 50
READ = {".csv": csv_lines, ".xlsx": xlsx_lines}
Year = Annotated[int, typer.Option("--year", help="年度 · the year")]
By_ = Annotated[str, typer.Option("--by", help="、".join(visit_sums.UNITS))]
Out = Annotated[Path, typer.Option("--out", help="写到哪：.xlsx · the file")]
Batch = Annotated[str | None, typer.Option("--batch", help="只要一个批次 · of one batch")]
Kind = Annotated[str, typer.Argument(help="records 做过的回访，clients 名单")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".csv、.xlsx")]
Check = Annotated[bool, typer.Option("--check", help="只看不写 · look, write nothing")]


def summary(
    *, year: Year, by: By_ = "branch", broker: Broker = None, postgres: Postgres = None
) -> None:
    """一年的回访：应做、成功、逾期 · a year's visits, done and overdue."""
    if by not in visit_sums.UNITS:
        raise typer.BadParameter("、".join(visit_sums.UNITS))
    rows = run(lambda: _summed(postgres, broker, year, by))
    for row in rows:
        counts = "  ".join(f"{visit_documents.SUMS[n]} {row[n]}" for n in list(row)[1:])
        typer.echo(f"{row['unit'] or '—'}  {counts}")
    typer.echo(f"✓ {sum(row['visits'] for row in rows)}")


def export(
    *,
    year: Year,
    out: Out,
    batch: Batch = None,
    broker: Broker = None,
    postgres: Postgres = None,
) -> None:
    """一年的任务写成 Excel，姓名打码 · a year's work list as a workbook, names masked."""
    if out.suffix != ".xlsx":
        raise typer.BadParameter("--out: .xlsx")
    asked = {"year": year} | ({"batch": batch} if batch else {})
    rows = run(lambda: _exported(postgres, broker, asked))
    out.write_bytes(visit_documents.workbook(visit_documents.VISITS, rows))
    typer.echo(f"✓ {out}：{len(rows)} 个任务 visits")


def bring(
    kind: Kind,
    file: File,
    *,
    check: Check = False,
    broker: Broker = None,
    postgres: Postgres = None,
) -> None:
    """导入回访记录或名单：全写，或一行不写并逐行说为什么 · all of a file, or nothing and why."""
    read = READ.get(file.suffix)
    if read is None or kind not in FORMS:
        raise typer.BadParameter(f"{'、'.join(FORMS)}；{'、'.join(READ)}")
    now = WallClock().now()
    try:
        sheet = FORMS[kind](read(file.read_bytes()), now)
    except Unreadable as wrong:
        raise typer.BadParameter(f"{wrong}") from None
    found = run(lambda: _brought(postgres, broker, Bringing(kind, sheet, check, now)))
    for fault in found.faults[:SHOWN]:
        typer.echo(f"✗ 第 {fault.row} 行 row {fault.column}: {fault.wrong}", err=True)
    if found.faults:
        typer.echo(f"✗ {len(found.faults)} 处错，什么都没写 · nothing is written", err=True)
        raise typer.Exit(REFUSED)
    done = "可以写 would be" if check else "写了 written"
    typer.echo(f"✓ {done} {found.new}，已有 held {found.held}  {found.batch or ''}".rstrip())


FORMS = {"records": visit_files.visits, "clients": visit_files.clients}


class Bringing(NamedTuple):
    """A sheet that is brought, or only looked at."""

    kind: str
    sheet: Sheet
    check: bool
    at: datetime


class _Undone(Exception):
    """Ends the transaction; nothing of it stays."""


async def _summed(dsn: str | None, broker: str | None, year: int, by: str) -> Sequence[Row]:
    async with opened(dsn, broker) as records:
        who = ("", await _today(records))
        rows = await visit_sums.summed(records, EVERYTHING, (year, by), who)
        await records.note(entry("visits.summed", f"{year} {by} terminal"))
    return rows


async def _exported(
    dsn: str | None, broker: str | None, asked: Mapping[str, Any]
) -> Sequence[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    async with opened(dsn, broker) as records:
        day = await _today(records)
        with bar("export") as told:
            async for page in _pages(records, asked, day):
                last = await visits.latest(records, [row["visit"] for row in page])
                rows += [
                    {**last.get(row["visit"], {}), **row, "name": row["display_name"]}
                    for row in page
                ]
                told(len(rows), 0)
        said = " ".join(f"{name}={value}" for name, value in sorted(asked.items()))
        await records.note(entry("visits.exported", said))
    return rows


async def _pages(
    records: Records, asked: Mapping[str, Any], day: date
) -> AsyncIterator[Sequence[Row]]:
    after: Mapping[str, Any] | None = None
    while page := await visits.listed(records, EVERYTHING, Wanted(asked, day, "", after, PAGE)):
        yield page
        after = {"due_on": page[-1]["due_on"], "visit": page[-1]["visit"]}


async def _brought(dsn: str | None, broker: str | None, what: Bringing) -> Imported:
    if what.sheet.faults:
        return Imported(faults=what.sheet.faults)
    by, found = By(operator(), EVERYTHING, what.at), Imported()
    try:
        async with opened(dsn, broker) as records:
            rows: Any = what.sheet.rows
            if what.kind == "records":
                found = await bring_visits(records, rows, by)
            else:
                day = what.at.astimezone(CHINA).date()
                found = await bring_clients(records, rows, day, by)
            if what.check or found.faults:
                raise _Undone
            said = f"rows={len(rows)} new={found.new}"
            await records.note(entry(f"visit-{what.kind}.imported", said))
    except _Undone:
        async with opened(dsn, broker) as records:
            checked = entry(f"visit-{what.kind}.checked", f"rows={len(what.sheet.rows)}")
            await records.note(replace(checked, outcome="refused") if found.faults else checked)
    return found


async def _today(records: Records) -> date:
    return await running_day(records) or WallClock().now().astimezone(CHINA).date()
