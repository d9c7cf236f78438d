"""``keys new | list | revoke``: the commands over the API keys of one service."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import uuid4

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.clock import WallClock
from shared.console import Refused
from shared.db.api_keys import PostgresKeys
from shared.db.audit import PostgresTrail
from shared.db.audit_commands import Run, Transaction
from shared.kernel.audit import Entry
from shared.web.api_keys import ApiKey, issue
from shared.web.permissions import Permission

NAME = re.compile(r"[A-Za-z0-9_.\-]{1,32}")
Name = Annotated[str, typer.Argument(help="哪个系统 · which system")]
Id = Annotated[str, typer.Argument(help="编号，见 list · the key's id")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="有效多少天 · valid for days")]


@dataclass(frozen=True)
class Keys:
    """One service's keys. ``scopes``: what each opens; ``operator``: who is at the terminal."""

    service: str
    scopes: frozenset[Permission]
    transaction: Transaction
    operator: Callable[[], str]

    async def new(self, dsn: str | None, name: str, days: int) -> str:
        """Keep a new key; return it."""
        if not NAME.fullmatch(name):
            raise Refused(
                "名字：1 到 32 个字母、数字、_ . -", "a name: 1 to 32 letters, digits, _ . -"
            )
        now = WallClock().now()
        text, key = issue(name, self.scopes, now, now + timedelta(days=days))
        async with self.transaction(dsn) as connection:
            await PostgresKeys(connection).add(key)
            await self._audit(connection, "key.created", key.id)
        return text

    async def all(self, dsn: str | None) -> list[ApiKey]:
        """Return every key."""
        async with self.transaction(dsn) as connection:
            return list(await PostgresKeys(connection).all())

    async def revoke(self, dsn: str | None, id_: str) -> ApiKey:
        """End a key."""
        async with self.transaction(dsn) as connection:
            key = await PostgresKeys(connection).revoke(id_, WallClock().now())
            if key is None:
                raise Refused(f"没有还有效的 key {id_}", f"no living key {id_}: see keys list")
            await self._audit(connection, "key.revoked", key.id)
        return key

    async def _audit(self, connection: AsyncConnection, action: str, subject: str) -> None:
        entry = Entry(WallClock().now(), self.operator(), (), action, subject, uuid4().hex)
        await PostgresTrail(connection).write(entry)


def commands(keys: Keys, run: Run) -> typer.Typer:
    """Return the commands."""
    service = keys.service
    app = typer.Typer(
        no_args_is_help=True,
        help=f"查询 {service} 的系统的 key · keys of systems that ask {service}",
    )
    database = typer.Option(
        None,
        "--postgres",
        envvar=f"{service.upper()}_POSTGRES__DSN",
        show_envvar=False,
        help=f"{service} 的数据库 · postgresql+asyncpg://…",
    )

    @app.command()
    def new(name: Name, days: Days = 365, postgres: str | None = database) -> None:
        """发一把新 key，只显示这一次 · issue a key; it is shown this once."""
        typer.echo(run(lambda: keys.new(postgres, name, days)))

    @app.command(name="list")
    def list_keys(postgres: str | None = database) -> None:
        """列出所有 key 和状态，没有 key 本身 · every key and its state, never the key itself."""
        now = WallClock().now()
        for key in run(lambda: keys.all(postgres)):
            until = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "-"
            typer.echo(f"{key.id}  {key.name:20}  {key.state(now):8}  {until}")

    @app.command()
    def revoke(id_: Id, postgres: str | None = database) -> None:
        """收回一把 key，几秒后处处无效 · end a key; within seconds it opens nothing."""
        key = run(lambda: keys.revoke(postgres, id_))
        typer.echo(f"✓ 已收回 · revoked  {key.id}  {key.name}")

    return app
