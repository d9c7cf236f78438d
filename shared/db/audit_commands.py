"""``audit verify | list``: the commands over the audit of one service."""

import getpass
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, Protocol, TypeVar
from uuid import uuid4

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.clock import WallClock
from shared.db.audit import PostgresTrail, page
from shared.db.audit import verify as walk
from shared.kernel.audit import Broken, Entry, Head, Link, Sought

T = TypeVar("T")
BROKEN = 1
LAST = 2**63 - 1
Noted = Annotated[
    list[str] | None,
    typer.Option(
        "--noted", metavar="N:DIGEST", help="以前记下的链尾，可多次 · a head noted before"
    ),
]
Actor = Annotated[str | None, typer.Option("--actor", help="谁 · whose")]
Subject = Annotated[str | None, typer.Option("--subject", help="看了哪个账户 · about what")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10000, help="几条 · how many")]
Transaction = Callable[[str | None], AbstractAsyncContextManager[AsyncConnection]]


class Run(Protocol):
    """Runs a command to its end: see ``shared.console.run``."""

    def __call__(self, command: Callable[[], Coroutine[Any, Any, T]]) -> T: ...


def commands(service: str, run: Run, transaction: Transaction) -> typer.Typer:
    """Return the commands; ``transaction`` opens one in the service's database."""
    app = typer.Typer(no_args_is_help=True, help="审计：核对、查看 · the audit: verify, list")
    database = typer.Option(
        None,
        "--postgres",
        envvar=f"{service.upper()}_POSTGRES__DSN",
        show_envvar=False,
        help=f"{service} 的数据库 · postgresql+asyncpg://…（{service.upper()}_POSTGRES__DSN）",
    )

    @app.command()
    def verify(noted: Noted = None, postgres: str | None = database) -> None:
        """核对整条链：少了、改了、插了都会发现 · walk the chain: a gap or a change is found.

        退出码：0 完整，1 断了。把显示的链尾记到别处（日志里每条 audited 也是），下次用 --noted
        核对：能关掉触发器的人可以重写整条链，但改不了你记下的。

        Exit code: 0 whole, 1 broken. Note the head somewhere else, and compare with --noted next
        time: whoever can switch off triggers can rewrite the chain, but not what you noted.
        """
        heads = _heads(noted or [])

        async def walked() -> Head | Broken:
            async with transaction(postgres) as connection:
                return await walk(connection, heads)

        found = run(walked)
        if isinstance(found, Broken):
            typer.echo(f"✗ 断在 broken at {found.n}: {found.why}", err=True)
            raise typer.Exit(BROKEN)
        typer.echo(f"✓ 完整 whole  {found.n}:{found.digest.hex()}")

    @app.command(name="list")
    def list_entries(
        actor: Actor = None,
        subject: Subject = None,
        limit: Limit = 50,
        postgres: str | None = database,
    ) -> None:
        """最近谁看了什么、为什么；这一看也记 · who looked at what lately, and why; audited too."""

        async def read() -> list[Link]:
            async with transaction(postgres) as connection:
                found = await page(connection, Sought(LAST, limit, actor, subject))
                await PostgresTrail(connection).write(_look(subject or actor or "all"))
                return found

        for link in run(read):
            typer.echo(_line(link))

    return app


def _look(subject: str) -> Entry:
    who = f"cli:{getpass.getuser()}"
    return Entry(WallClock().now(), who, (), "audit.read", subject, uuid4().hex)


def _line(link: Link) -> str:
    n, entry, _ = link
    fields, roles = ",".join(entry.fields), ",".join(entry.roles)
    at = f"{entry.at:%Y-%m-%d %H:%M:%S%z}"
    what = f"{entry.action}  {entry.subject}  {entry.outcome}"
    return "  ".join((f"{n}", at, entry.actor, roles, what, fields, entry.reason)).rstrip()


def _heads(noted: list[str]) -> dict[int, bytes]:
    try:
        pairs = (one.split(":") for one in noted)
        return {int(n): bytes.fromhex(digest) for n, digest in pairs}
    except ValueError:
        raise typer.BadParameter("N:DIGEST") from None
