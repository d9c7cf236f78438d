"""``guanchao profile segments``: the key groups, and a condition checked before it is asked."""

from pathlib import Path
from typing import Annotated

import typer

from services.profile.segment_book import WrongCondition, key_groups, read_condition
from shared.console import REFUSED

app = typer.Typer(no_args_is_help=True, help="分群：内置客群，检查条件 · segments")
File = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="条件的 JSON 文件")
]


@app.command("list")
def list_groups() -> None:
    """列出内置客群 · the key groups."""
    for code, group in key_groups().items():
        untold = "" if group.condition else "  还没有来源告知 no source tells yet"
        typer.echo(f"{code}  {group.name}  {group.english}{untold}")


@app.command()
def check(file: File) -> None:
    """检查条件；错了逐处说，退出码 2 · each fault with its place."""
    try:
        condition = read_condition(file)
    except WrongCondition as wrong:
        for line in wrong.errors:
            typer.echo(f"✗ {line}", err=True)
        raise typer.Exit(REFUSED) from None
    typer.echo(f"✓ {len(list(condition.tests()))} 个测试 tests")
