"""``guanchao ingest check | profiles``: what a profile makes of a file, before it is dropped."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.ingest.adapters.excel import parse
from services.ingest.adapters.profiles import SHIPPED, BadProfile, load, load_all
from services.ingest.commands.backfilling import backfill
from services.ingest.commands.checking import Check, shown
from services.ingest.commands.closing import close_day
from services.ingest.commands.differences import differences, sources
from services.ingest.commands.files import files
from services.ingest.domain.naming import Named
from services.ingest.domain.profiles.source import Profiled, source_of
from services.ingest.domain.rows import Reading, Unreadable
from services.ingest.domain.source import Context, day_in_name
from shared.calendars import calendar_at

BAD_ROWS, UNUSABLE = 1, 2
app = typer.Typer(
    no_args_is_help=True, help="接入：试读、补录、对账 · ingest: check, backfill, reconcile"
)
for command in (backfill, close_day, differences, files, sources):
    app.command()(command)
ProfilePath = Annotated[Path, typer.Argument(help="映射配置 · the profile (YAML)")]
FilePath = Annotated[Path, typer.Argument(help="要试读的文件 · the file to try")]
Most = Annotated[int, typer.Option("--most", min=1, help="坏行、好行各列几条 · how many rows")]
Name = Annotated[
    str | None, typer.Option("--as", help="当作这个文件名 · as if the file had this name")
]
Folder = Annotated[
    Path | None, typer.Option("--folder", envvar="INGEST_PROFILES", help="配置目录 · the folder")
]
Calendar = Annotated[
    Path | None, typer.Option("--calendar", envvar="INGEST_CALENDAR", help="日历文件 · calendar")
]


@app.command()
def check(
    profile: ProfilePath,
    file: FilePath,
    most: Most = 10,
    name: Name = None,
    calendar: Calendar = None,
) -> None:
    """试读一个文件，什么也不写 · read a file by a profile; nothing is written.

    列出坏行（行、列、原因）、条数，和头几条会发出的事件；账号和姓名只显示一部分。
    退出码：0 全部读懂，1 有坏行，2 读不了。

    Lists bad rows with line, column and reason, the counts, and the first rows as they would be
    told, masked. Exit code: 0 all is read, 1 there are bad rows, 2 it cannot be read at all.
    """
    try:
        source, reading = _read(profile, file, name or file.name, calendar)
    except (BadProfile, Unreadable, OSError) as failure:
        typer.echo(f"✗ {failure}", err=True)
        raise typer.Exit(UNUSABLE) from None
    found = Check(source.profile.takes, reading, most)
    for line in shown(found):
        typer.echo(line)
    raise typer.Exit(BAD_ROWS if reading.bad else 0)


@app.command()
def profiles(folder: Folder = None) -> None:
    """列出映射配置：名字、种类、文件名 · list the profiles: name, kind, file name.

    缺省列出 INGEST_PROFILES 里的；没有设，就列出随版本带来的例子。

    Those of INGEST_PROFILES, or else the examples that come with this release.
    """
    place = folder or SHIPPED
    try:
        found = load_all(place)
    except BadProfile as failure:
        typer.echo(f"✗ {failure}", err=True)
        raise typer.Exit(UNUSABLE) from None
    for one in found:
        named = one.file.name if one.file else "（数据库 database）"
        typer.echo(f"{one.name}  {one.takes}  {named}  {one.title}".rstrip())
    typer.echo(f"{len(found)} · {place}")


def _read(
    profile: Path, file: Path, name: str, calendar: Path | None
) -> tuple[Profiled, Reading[Any]]:
    source = source_of(load(profile), "check")
    if source is None:
        raise BadProfile(f"{profile.name}: file: required to read a file")
    if not source.pattern.fullmatch(name):
        raise Unreadable(f"{name} is not {source.shape.name}: give it that name with --as")
    known = calendar_at(calendar)
    day = day_in_name(name, known)
    context = Context(known, day)
    return source, parse(Named(name, source, day), file.read_bytes(), context)
