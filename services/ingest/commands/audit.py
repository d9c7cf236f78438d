"""``guanchao audit verify | list``."""

from typing import Annotated

import typer

from services.ingest.commands.places import Postgres, run, transaction
from shared.db.audit import page
from shared.db.audit import verify as walk
from shared.kernel.audit import Broken, Head, Link, Sought

BROKEN = 1
app = typer.Typer(no_args_is_help=True, help="审计：核对、查看 · the audit: verify, list")
Noted = Annotated[
    list[str] | None,
    typer.Option(
        "--noted", metavar="N:DIGEST", help="以前记下的链尾，可多次 · a head noted before"
    ),
]
Actor = Annotated[str | None, typer.Option("--actor", help="谁 · whose")]
Subject = Annotated[str | None, typer.Option("--subject", help="看了哪个账户 · about what")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10000, help="几条 · how many")]


@app.command()
def verify(noted: Noted = None, postgres: Postgres = None) -> None:
    """核对整条链：少了、改了、插了都会发现 · walk the chain: a gap or a change is found.

    退出码：0 完整，1 断了。把显示的链尾记到别处（日志里每条 audited 也是），下次用 --noted 核对：
    能关掉触发器的人可以重写整条链，但改不了你记下的。

    Exit code: 0 whole, 1 broken. Note the head somewhere else, and compare with --noted next time:
    whoever can switch off triggers can rewrite the chain, but not what you noted.
    """
    heads = _heads(noted or [])
    found = run(lambda: _verify(postgres, heads))
    if isinstance(found, Broken):
        typer.echo(f"✗ 断在 broken at {found.n}: {found.why}", err=True)
        raise typer.Exit(BROKEN)
    typer.echo(f"✓ 完整 whole  {found.n}:{found.digest.hex()}")


@app.command(name="list")
def list_entries(
    actor: Actor = None, subject: Subject = None, limit: Limit = 50, postgres: Postgres = None
) -> None:
    """最近谁看了什么、为什么 · who looked at what lately, and why."""
    for n, entry, _ in run(lambda: _page(postgres, Sought(LAST, limit, actor, subject))):
        fields, roles = ",".join(entry.fields), ",".join(entry.roles)
        at = f"{entry.at:%Y-%m-%d %H:%M:%S%z}"
        what = f"{entry.action}  {entry.subject}  {entry.outcome}"
        typer.echo("  ".join((f"{n}", at, entry.actor, roles, what, fields, entry.reason)).rstrip())


LAST = 2**63 - 1


async def _verify(dsn: str | None, noted: dict[int, bytes]) -> Head | Broken:
    async with transaction(dsn) as connection:
        return await walk(connection, noted)


async def _page(dsn: str | None, sought: Sought) -> list[Link]:
    async with transaction(dsn) as connection:
        return await page(connection, sought)


def _heads(noted: list[str]) -> dict[int, bytes]:
    try:
        pairs = (one.split(":") for one in noted)
        return {int(n): bytes.fromhex(digest) for n, digest in pairs}
    except ValueError:
        raise typer.BadParameter("N:DIGEST") from None
