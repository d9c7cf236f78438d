"""``guanchao profile keys new | list | revoke``: the API keys of systems that ask profile."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import uuid4

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from services.profile.commands.places import Postgres, operator, run, transaction
from shared.clock import WallClock
from shared.console import Refused
from shared.db.api_keys import PostgresKeys
from shared.db.audit import PostgresTrail
from shared.kernel.audit import Entry
from shared.web.api_keys import ApiKey, issue
from shared.web.permissions import Permission

SCOPES = frozenset({Permission.CLIENTS_READ})
"""What a key of profile opens: every client, masked. Revealing is a person's alone."""
_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,32}")
app = typer.Typer(
    no_args_is_help=True, help="查询 profile 的系统的 key · keys of systems that ask profile"
)
Name = Annotated[str, typer.Argument(help="哪个系统 · which system")]
Id = Annotated[str, typer.Argument(help="编号，见 list · the key's id")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="有效多少天 · valid for days")]


@app.command()
def new(name: Name, days: Days = 365, postgres: Postgres = None) -> None:
    """发一把新 key，只显示这一次 · issue a key; it is shown this once."""
    typer.echo(run(lambda: _new(postgres, name, days)))


@app.command(name="list")
def list_keys(postgres: Postgres = None) -> None:
    """列出所有 key 和状态，没有 key 本身 · every key and its state, never the key itself."""
    now = WallClock().now()
    for key in run(lambda: _all(postgres)):
        until = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "-"
        typer.echo(f"{key.id}  {key.name:20}  {key.state(now):8}  {until}")


@app.command()
def revoke(id_: Id, postgres: Postgres = None) -> None:
    """收回一把 key，几秒后处处无效 · end a key; within seconds it opens nothing."""
    key = run(lambda: _revoke(postgres, id_))
    typer.echo(f"✓ 已收回 · revoked  {key.id}  {key.name}")


async def _new(dsn: str | None, name: str, days: int) -> str:
    if not _NAME.fullmatch(name):
        raise Refused("名字：1 到 32 个字母、数字、_ . -", "a name: 1 to 32 letters, digits, _ . -")
    now = WallClock().now()
    text, key = issue(name, SCOPES, now, now + timedelta(days=days))
    async with transaction(dsn) as connection:
        await PostgresKeys(connection).add(key)
        await _audit(connection, "key.created", key.id)
    return text


async def _all(dsn: str | None) -> Sequence[ApiKey]:
    async with transaction(dsn) as connection:
        return await PostgresKeys(connection).all()


async def _revoke(dsn: str | None, id_: str) -> ApiKey:
    async with transaction(dsn) as connection:
        key = await PostgresKeys(connection).revoke(id_, WallClock().now())
        if key is None:
            raise Refused(f"没有还有效的 key {id_}", f"no living key {id_}: see keys list")
        await _audit(connection, "key.revoked", key.id)
    return key


async def _audit(connection: AsyncConnection, action: str, subject: str) -> None:
    entry = Entry(WallClock().now(), operator(), (), action, subject, uuid4().hex)
    await PostgresTrail(connection).write(entry)
