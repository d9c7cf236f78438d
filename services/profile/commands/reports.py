"""``guanchao profile reports``: the reports that nights have made, listed and fetched."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.profile.adapters import kept_reports
from services.profile.adapters.clients import Row
from services.profile.commands.places import Postgres, run
from services.profile.commands.visit_places import Broker, entry, opened
from services.profile.report_file_views import in_words
from shared.console import Refused

MOST = 200
app = typer.Typer(no_args_is_help=True, help="每晚做好的报表：列出、取出 · the nights' reports")
Kind = Annotated[str | None, typer.Option("--kind", help="overview、branches…")]
Period = Annotated[str | None, typer.Option("--period", help="2026-06-01、2026-06、2026")]
Unit = Annotated[str | None, typer.Option("--unit", help="company、branch:…、manager:…")]
All = Annotated[bool, typer.Option("--all", help="被取代的也列 · superseded ones too")]
Out = Annotated[
    Path | None, typer.Option("--out", help="写到哪，缺省是它的名字 · else by its own name")
]


@app.command("list")
def list_files(  # noqa: PLR0913 each is a flag
    *,
    kind: Kind = None,
    period: Period = None,
    unit: Unit = None,
    all_: All = False,
    broker: Broker = None,
    postgres: Postgres = None,
) -> None:
    """列出最近的报表文件 · the newest files, 200 at most."""
    asked = {"kind": kind, "period": period, "unit": unit, "all": all_}
    rows = run(lambda: _listed(postgres, broker, asked))
    for row in rows:
        old = "  已被取代 superseded" if row["superseded"] else ""
        open_ = "" if row["complete"] else "  未完 incomplete"
        typer.echo(f"{row['file']}  {kept_reports.named(row)}  {row['size']:,} B{open_}{old}")
    typer.echo(f"✓ {len(rows)} 个文件 files")


@app.command()
def fetch(
    file: Annotated[UUID, typer.Argument(help="文件号，list 里的第一列 · as list names it")],
    out: Out = None,
    broker: Broker = None,
    postgres: Postgres = None,
) -> None:
    """取一个文件；记进审计 · fetch a file; the audit takes it down."""
    row = run(lambda: _fetched(postgres, broker, file))
    name = kept_reports.named(row).replace(" ", "-").replace(":", "-")
    path = out or Path(f"{name}.{row['format']}")
    path.write_bytes(row["content"])
    typer.echo(f"✓ {path}：{kept_reports.named(row)}，sha256 {row['sha256']}")


async def _listed(
    dsn: str | None, broker: str | None, asked: dict[str, str | bool | None]
) -> Sequence[Row]:
    everything = {"units": None, "named": True, "day": None, "file": None, "most": MOST}
    async with opened(dsn, broker) as records:
        rows = await kept_reports.listed(records, **asked, **everything)
        await records.note(entry("report-files.listed", in_words(asked)))
    return rows


async def _fetched(dsn: str | None, broker: str | None, file: UUID) -> Row:
    look = entry("report.exported", f"file {file}")
    async with opened(dsn, broker) as records:
        row = await kept_reports.one(records, file)
        if row is None:
            await records.note(replace(look, outcome="refused"))
        else:
            await records.note(replace(look, subject=kept_reports.named(row)))
    if row is None:
        raise Refused("没有这个文件：见 reports list", "no such file: see reports list")
    return row
