"""``guanchao directory check | show | find``: a file before it is dropped; who is whose."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.ingest.adapters.columns import columns_at
from services.ingest.adapters.excel import parse
from services.ingest.commands.directory_show import found, found_by_phone
from services.ingest.commands.places import Postgres, run
from services.ingest.domain.columns import WrongColumns
from services.ingest.domain.naming import recognise
from services.ingest.domain.rows import Reading, Unreadable
from services.ingest.domain.source import Context, Tabular
from shared.calendars import calendar_at
from shared.kernel.masking import mask_account

BAD_ROWS, UNUSABLE = 1, 2
app = typer.Typer(
    no_args_is_help=True,
    help="名录：试读文件、看谁管谁 · directory: check a file, show who is whose",
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="要试读的文件 · the file to try")]
As = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="当作这个文件名 · as if it had this name")
]
Rows = Annotated[bool, typer.Option("--rows", help="好行也逐行列出 · list the good rows as well")]
Calendar = Annotated[
    Path | None, typer.Option("--calendar", envvar="INGEST_CALENDAR", help="日历文件 · calendar")
]
Columns = Annotated[
    Path | None,
    typer.Option("--columns", envvar="INGEST_COLUMNS", help="CFMMC 文件的列 · columns' file"),
]
Who = Annotated[
    str, typer.Argument(help="资金账号、客户编号或员工编号 · account, customer or staff id")
]


@app.command()
def check(
    file: File,
    name: As = None,
    rows: Rows = False,
    calendar: Calendar = None,
    columns: Columns = None,
) -> None:
    """试读一个名录文件，什么也不写 · read a directory file row by row; nothing is written.

    关系、人员、基线、协议（CSV 或 Excel），客户、交易编码、结算账户。退出码：0 全部读懂，
    1 有坏行，2 整个读不了。

    Relations, staff, baselines, agreements (CSV or Excel), customer, cuscode, cusaccount. Exit
    code: 0 every row is good, 1 there are bad rows, 2 it cannot be read at all.
    """
    try:
        kind, reading = _read(file, name or file.name, calendar, columns)
    except (Unreadable, WrongColumns, OSError) as failure:
        typer.echo(f"✗ {failure}", err=True)
        raise typer.Exit(UNUSABLE) from None
    told = {row.line: f"✗ {place(row.line)}: {row.reason}" for row in reading.bad}
    if rows:
        told |= {row.line: f"✓ {place(row.line)}: {whose(row.row)}" for row in reading.good}
    for line in sorted(told):
        typer.echo(told[line])
    mark = "✗" if reading.bad else "✓"
    typer.echo(f"{mark} {kind}: 好 good {len(reading.good)}，坏 bad {len(reading.bad)}")
    raise typer.Exit(BAD_ROWS if reading.bad else 0)


@app.command()
def show(who: Who, postgres: Postgres = None) -> None:
    """一个账户、客户或员工现在的样子 · what is known of an account, a client or a person.

    姓名只显示一个字，账号后三位，加密的字段只说有没有。记入审计。

    Names and accounts are masked; of a sealed field only whether it is there. Audited.
    """
    _say(run(lambda: found(postgres, who)), "✗ 没有这个编号 | nothing has this id")


@app.command()
def find(postgres: Postgres = None) -> None:
    """按手机号找客户：问一句，不写在命令里 · find clients by phone, which is asked for.

    号码走盲索引，不解密；不进命令行的历史。显示的和 show 一样是掩码。记入审计：谁找的、找到哪些
    账户，没有号码。退出码：2 没有。

    By its blind index, nothing is opened; the number is typed or piped in, never an argument. Shown
    masked, as by show. Audited: who searched and which accounts, never the number. Exit code: 2
    there is none.
    """
    phone = typer.prompt("手机号 phone", err=True)
    _say(run(lambda: found_by_phone(postgres, phone)), "✗ 没有这个号码 | nobody has this phone")


def _say(lines: list[str], nothing: str) -> None:
    for line in lines:
        typer.echo(line)
    if not lines:
        typer.echo(nothing, err=True)
        raise typer.Exit(UNUSABLE)


def _read(
    file: Path, name: str, calendar: Path | None, columns: Path | None
) -> tuple[str, Reading[Any]]:
    known = calendar_at(calendar)
    named = recognise(name, known, columns_at(columns))
    if not isinstance(named.source, Tabular) and named.source.name not in KINDS:
        raise Unreadable(f"{named.source.name} is no directory file")
    return named.source.name, parse(named, file.read_bytes(), Context(known, named.day))


KINDS = frozenset({"customer", "cuscode", "cusaccount"})


def place(line: int) -> str:
    """Return a line's number as it is said."""
    return f"第 {line} 行 line {line}"


def whose(row: Any) -> str:
    """Return what a good row is about, masked.

    >>> from types import SimpleNamespace
    >>> whose(SimpleNamespace(account="80012345")), whose(SimpleNamespace(staff_id="m001"))
    ('***345', 'm001')
    """
    about = getattr(row, "relation", row)
    return getattr(row, "staff_id", None) or mask_account(about.account)
