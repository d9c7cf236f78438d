"""``guanchao ingest files``: what waits, how far one is, what was taken and what was refused."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from services.ingest.adapters.file_drop import waiting_in
from services.ingest.adapters.progress_note import noted
from services.ingest.adapters.records import PostgresRecords
from services.ingest.commands.places import Postgres, run, transaction
from services.ingest.commands.printed import printed
from services.ingest.domain.naming import masked
from services.ingest.domain.progress import Progress, Stage
from services.ingest.domain.records import TakenFile
from shared.console import bar
from shared.kernel.trading_day import CHINA

REASON = re.compile(r"\.[0-9a-f]{0,8}\.reason\.txt$")
REFUSED = 1
LOOK = 0.5  # seconds
STAGES = {Stage.READING: "在读 reading，行 lines", Stage.RECORDING: "在记 recording，条 facts"}
Folder = Annotated[
    Path,
    typer.Option(
        "--folder",
        envvar="INGEST_DROP_FOLDER",
        exists=True,
        file_okay=False,
        help="投递目录 · the folder",
    ),
]
Most = Annotated[int, typer.Option("--most", min=1, max=1000, help="收下、拒收各列几个 · how many")]
Kind = Annotated[str | None, typer.Option("--kind", help="哪一种收下的 · of which kind")]
Waits = Annotated[
    bool, typer.Option("--watch", help="等到目录里没有文件，带进度条 · until none is left")
]


class Refusal(NamedTuple):
    """A file that was put aside; its name masked."""

    at: datetime
    name: str
    reason: str


@dataclass(frozen=True)
class Seen:
    """The drop folder at one moment; names masked. ``written``: when the progress was noted."""

    waiting: Sequence[str]
    refused: Sequence[Refusal]
    progress: Progress | None
    written: datetime | None

    @property
    def over(self) -> bool:
        return not self.waiting and self.progress is None


def files(
    folder: Folder,
    most: Most = 20,
    kind: Kind = None,
    watch: Waits = False,
    postgres: Postgres = None,
) -> None:
    """投递的文件：等着的、在收的（多少行、百分之几）、收下的、拒收的 · the dropped files.

    收下的有好行、坏行的数；拒收的有原因。文件名里的账号遮住。坏行逐条：guanchao dead-letters list。
    退出码：0，1 等的时候有拒收的（--watch），2 做不了。

    Those that wait, the one being taken (rows, per cent), those taken with good and bad lines,
    those refused with the reason; no account is shown. Exit code: 0; 1 with --watch when one was
    refused meanwhile; 2 it cannot be done.
    """
    before = refused_in(folder)
    if watch:
        run(lambda: _until_over(folder))
    taken = run(lambda: _taken(postgres, kind, most))
    now = seen_in(folder)
    for line in shown(now, taken, most):
        typer.echo(printed(line))
    raise typer.Exit(REFUSED if watch and set(now.refused) - set(before) else 0)


def seen_in(folder: Path) -> Seen:
    """Look at the folder."""
    note = noted(folder)
    progress, written = note or (None, None)
    waiting = [masked(name) for name in sorted(waiting_in(folder))]
    return Seen(waiting, refused_in(folder), progress, written)


def refused_in(folder: Path) -> list[Refusal]:
    """Return what was put aside, the newest first."""
    found = []
    for path in (folder / "refused").glob("*.reason.txt"):
        at = datetime.fromtimestamp(path.stat().st_mtime, CHINA)
        name = masked(REASON.sub("", path.name))
        found.append(Refusal(at, name, path.read_text(encoding="utf-8").strip()))
    return sorted(found, reverse=True)


def shown(seen: Seen, taken: Sequence[TakenFile], most: int) -> Iterator[str]:
    """Yield the lines that say it."""
    if seen.progress and seen.written:
        yield f"→ {_far(seen.progress)}  {seen.written.astimezone(CHINA):%H:%M:%S}"
    others = list(seen.waiting)
    if seen.progress and seen.progress.name in others:
        others.remove(seen.progress.name)
    yield from (f"· {name}  等着 waiting" for name in others)
    for one in taken:
        counts = f"好 good {one.good}  坏 bad {one.bad}"
        named = f"{masked(one.name)}  {one.place.kind}  第 {one.place.version} 版 edition"
        yield f"✓ {one.place.taken_at.astimezone(CHINA):%m-%d %H:%M:%S}  {named}  {counts}"
    for refused in seen.refused[:most]:
        yield f"✗ {refused.at:%m-%d %H:%M:%S}  {refused.name}  {refused.reason}"
    yield (
        f"等着 waiting {len(others)}，在收 in progress {int(seen.progress is not None)}，"
        f"列出收下的 taken {len(taken)}，拒收 refused {len(seen.refused)}"
    )


def _far(progress: Progress) -> str:
    of = "" if progress.of is None else f" / {progress.of}  {progress.percent} %"
    return f"{progress.name}  {STAGES[progress.stage]} {progress.done}{of}"


async def _until_over(folder: Path) -> None:
    """Wait until no file is left; what rests or is kept back by a rehearsal counts as left."""
    with bar("收文件 · taking the files") as told:
        while not (seen := await asyncio.to_thread(seen_in, folder)).over:
            if (progress := seen.progress) and progress.of:
                told(progress.done, progress.of)
            await asyncio.sleep(LOOK)


async def _taken(dsn: str | None, kind: str | None, most: int) -> list[TakenFile]:
    async with transaction(dsn) as connection:
        return await PostgresRecords(connection).files(None, kind, most)
