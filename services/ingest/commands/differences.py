"""``guanchao ingest differences | sources``: what was told by day against what the files settle."""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated

import typer
from sqlalchemy import text

from services.ingest.adapters.reconciliation import PostgresReconciliation
from services.ingest.commands.looks import Look, note
from services.ingest.commands.places import Postgres, run, transaction
from services.ingest.domain.reconciling import Difference, Kind
from shared.kernel.masking import mask_account

SAID = {
    Kind.MATCHED: "两边都有的出入金 movements told by both",
    Kind.ONLY_STREAM: "只有实时，已冲正 told live only, taken back",
    Kind.ONLY_FILE: "只有文件 in the file only",
    Kind.BALANCE: "最后快照与结算不同 last snapshot against settled",
    Kind.LOTS: "成交手数与结算不同 lots executed against settled",
    Kind.LATE: "收市后才来 came after the day was closed",
    Kind.GAP: "来源的序号缺失 numbers of a source that are missing",
}
COLUMNS = ("day", "kind", "account", "what", "told", "settled")
Day = Annotated[
    datetime, typer.Argument(formats=["%Y-%m-%d", "%Y%m%d"], help="交易日 · the trading day")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="每条一行 · every difference, one a line")]
Most = Annotated[int, typer.Option("--most", min=0, help="每类列几条 · how many of each kind")]

_SOURCES = text(
    """
    SELECT coalesce(t.source, h.source) AS source, h.at AS heard, t.last, t.missing, t.gaps, t.late
    FROM source_tracks t FULL JOIN heard h ON h.source = t.source ORDER BY 1
    """
)


def differences(
    day: Day, as_csv: AsCsv = False, most: Most = 20, postgres: Postgres = None
) -> None:
    """一天收市时，实时与结算的差别 · a closed day's differences, live against settled.

    按类列出条数和头几条，账号掩码；--csv 把每一条写到标准输出，账号完整，审计里是导出。
    收市后才来的记录随时会加进来。

    Counts by kind with the first of each, accounts masked; --csv writes them all in full, which is
    audited as an export. Late records are added any time.
    """
    found = run(lambda: _of(postgres, day.date(), ACTIONS[as_csv]))
    if as_csv:
        write_csv(found)
        return
    for line in listed(found, most):
        typer.echo(line)


def sources(postgres: Postgres = None) -> None:
    """每个来源：何时听到，数到几，缺几 · each source: last heard, counted to, missing."""
    for source, heard, last, missing, gaps, late in run(lambda: _tracks(postgres)):
        at = f"{heard:%Y-%m-%d %H:%M:%S}" if heard else "-"
        counted = "" if last is None or last < 0 else f"  数到 counted to {last}"
        holes = f"  缺 missing {missing}" if missing else ""
        more = f"  跳号 jumped {gaps}  迟到 late {late}" if counted else ""
        typer.echo(f"{source}  {at}{counted}{holes}{more}")


def listed(found: Sequence[Difference], most: int) -> Iterable[str]:
    """Yield a report's lines."""
    if not found:
        yield "没有收过市，或没有差别 · not closed yet, or no differences"
        return
    counts = Counter(one.kind for one in found)
    for kind, said in SAID.items():
        ours = [one for one in found if one.kind is kind]
        total = ours[0].told if kind is Kind.MATCHED and ours else counts[kind]
        yield f"{kind.value:15} {total!s:>9}  {said}"
        for one in ours[: 0 if kind is Kind.MATCHED else most]:
            whose = mask_account(one.account) if one.account else "-"
            yield f"    {whose}  {one.what}  {one.told or '-'} → {one.settled or '-'}"


def write_csv(found: Iterable[Difference]) -> None:
    """Write every difference; a cell that a spreadsheet would compute becomes a text."""
    out = csv.writer(sys.stdout)
    out.writerow(COLUMNS)
    for one in found:
        cells = (one.day, one.kind.value, one.account, one.what, one.told, one.settled)
        out.writerow([neutral("" if cell is None else str(cell)) for cell in cells])


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a number stays one.

    >>> neutral("=1+1"), neutral("-12.5"), neutral("@x")
    ("'=1+1", '-12.5', "'@x")
    """
    number = cell.removeprefix("-").replace(".", "", 1).isdecimal()
    return f"'{cell}" if cell[:1] in tuple("=+-@\t\r") and cell and not number else cell


ACTIONS = {False: "differences.read", True: "differences.exported"}


async def _of(dsn: str | None, day: date, action: str) -> Sequence[Difference]:
    async with transaction(dsn) as connection:
        found = await PostgresReconciliation(connection).of(day)
        await note(connection, Look(action, f"{day}", (f"rows:{len(found)}",)))
        return found


Track = tuple[str, datetime | None, int | None, str | None, int | None, int | None]


async def _tracks(dsn: str | None) -> list[Track]:
    async with transaction(dsn) as connection:
        rows = await connection.execute(_SOURCES)
        return [(r.source, r.heard, r.last, r.missing, r.gaps, r.late) for r in rows]
