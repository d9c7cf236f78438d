"""``guanchao profile margin check``: an override of the margin rates, before it is in force."""

from pathlib import Path
from typing import Annotated

import typer

from services.profile.domain.margin import Product, RateBook
from services.profile.margin_book import WrongRates, read_rates
from shared.console import REFUSED

app = typer.Typer(no_args_is_help=True, help="保证金率：检查覆盖文件 · margin rates")
File = Annotated[
    Path,
    typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="PROFILE_MARGIN_RATES 的文件"),
]


@app.callback()
def _group() -> None:
    """Keep ``check`` a command of its own."""


@app.command()
def check(file: File) -> None:
    """检查覆盖文件：会变什么；错了逐行说，退出码 2 · what would change, or each wrong row."""
    try:
        shipped, book = read_rates(), read_rates(file)
    except (WrongRates, UnicodeDecodeError) as wrong:
        for line in getattr(wrong, "errors", ["不是 UTF-8 not UTF-8"]):
            typer.echo(f"✗ {line}", err=True)
        raise typer.Exit(REFUSED) from None
    changed = _changed(shipped, book)
    for line in changed:
        typer.echo(line)
    rates = sum(len(agreed) for agreed in book.clients.values())
    typer.echo(
        f"✓ 改 {len(changed)} 行，客户自己的 {rates} 个"
        f" · {len(changed)} rows change, {rates} rates of clients' own"
    )


def _changed(shipped: RateBook, book: RateBook) -> list[str]:
    return [
        _said(line)
        for named, lines in book.lines.items()
        for line in lines
        if _figures(line) not in [_figures(one) for one in shipped.lines.get(named, ())]
    ]


def _figures(line: Product) -> tuple[object, ...]:
    rates = line.exchange_rate, line.company_rate
    return line.name, line.multiplier, line.tick, *rates, line.since


def _said(line: Product) -> str:
    since = "" if line.since == line.since.min else f"  从 since {line.since}"
    mark = "" if line.source.verified else "  未核对 unverified"
    return (
        f"  {line.exchange}.{line.code} {line.name}  交易所 exchange {line.exchange_rate:f}"
        f"  公司 company {line.company_rate:f}{since}{mark}"
    )
