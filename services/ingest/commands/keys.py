"""``guanchao keys new | list | revoke | reseal``."""

import re
from datetime import timedelta
from typing import Annotated

import typer

from services.ingest.adapters.resealing import kept_of
from services.ingest.agent.resealing import Resealing
from services.ingest.commands.looks import Look, note
from services.ingest.commands.places import (
    Postgres,
    ciphers,
    database,
    run,
    transaction,
)
from shared.clock import WallClock
from shared.console import CONSOLE, Refused, bar
from shared.db.api_keys import PostgresKeys
from shared.web.api_keys import ApiKey, issue
from shared.web.permissions import SYSTEM_SCOPES, Permission

_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,32}")
app = typer.Typer(
    no_args_is_help=True,
    help="系统的 API key、字段密钥换新 · API keys of systems, sealing anew",
)
Name = Annotated[str, typer.Argument(help="哪个系统 · which system")]
Id = Annotated[str, typer.Argument(help="编号，见 list · the key's id")]
Scope = Annotated[
    list[str],
    typer.Option("--scope", help=f"可以做什么 · {', '.join(sorted(SYSTEM_SCOPES))}"),
]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="有效多少天 · valid for days")]
Batch = Annotated[int, typer.Option("--batch", min=1, max=5000, help="一个事务多少行 · rows")]


@app.command()
def new(name: Name, scope: Scope, days: Days = 365, postgres: Postgres = None) -> None:
    """发一把新 key，只显示这一次 · issue a key; it is shown this once.

    轮换：先发新的，两把同时有效；对方换好之后 revoke 旧的。

    Rotation: issue a new one, both are valid; revoke the old one once the other side has changed.
    """
    text = run(lambda: _new(postgres, name, _scopes(scope), days))
    typer.echo(text)
    CONSOLE.print("  只显示这一次，库里只有它的摘要 · shown this once; only its digest is kept")


@app.command(name="list")
def list_keys(postgres: Postgres = None) -> None:
    """列出所有 key 和状态，没有 key 本身 · every key and its state, never the key itself."""
    now = WallClock().now()
    for key in run(lambda: _all(postgres)):
        until = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "-"
        scopes = ",".join(sorted(key.scopes))
        typer.echo(f"{key.id}  {key.name:20}  {key.state(now):8}  {until}  {scopes}")


@app.command()
def revoke(id_: Id, postgres: Postgres = None) -> None:
    """收回一把 key，几秒后处处无效 · end a key; within seconds it opens nothing."""
    key = run(lambda: _revoke(postgres, id_))
    typer.echo(f"✓ 已收回 · revoked  {key.id}  {key.name}")


@app.command()
def reseal(batch: Batch = 500, postgres: Postgres = None) -> None:
    """换了字段密钥之后：把存着的都用新密钥重新加封 · seal everything anew under the first key.

    先在 INGEST_FIELD_KEYS 里把新密钥放第一位、旧的留着并重启。随时可停，再跑接着做。

    First put the new key in front, keep the old one, restart. Stop it at any time, run it again.
    """
    seen, changed = run(lambda: _reseal(postgres, batch))
    typer.echo(f"✓ 看过 looked at {seen}，重新加封 sealed anew {changed}")


async def _new(dsn: str | None, name: str, scopes: frozenset[Permission], days: int) -> str:
    now = WallClock().now()
    text, key = issue(_checked(name), scopes, now, now + timedelta(days=days))
    async with transaction(dsn) as connection:
        await PostgresKeys(connection).add(key)
        await note(connection, Look("key.created", key.id, tuple(sorted(scopes))))
    return text


async def _all(dsn: str | None) -> list[ApiKey]:
    async with transaction(dsn) as connection:
        return list(await PostgresKeys(connection).all())


async def _revoke(dsn: str | None, id_: str) -> ApiKey:
    async with transaction(dsn) as connection:
        key = await PostgresKeys(connection).revoke(id_, WallClock().now())
        if key is None:
            raise Refused(f"没有还有效的 key {id_}", f"no living key {id_}: see keys list")
        await note(connection, Look("key.revoked", key.id))
    return key


async def _reseal(dsn: str | None, batch: int) -> tuple[int, int]:
    cipher, index = ciphers()
    seen = changed = 0
    async with database(dsn) as bound:
        work = Resealing(cipher, index, WallClock().now, kept_of(bound), batch)
        with bar("重新加封 sealing anew") as told:
            async for step in work.run():
                seen, changed = seen + step.seen, changed + step.changed
                told(seen, seen)
    async with transaction(dsn) as connection:
        await note(connection, Look("keys.resealed", cipher.current, (f"changed:{changed}",)))
    return seen, changed


def _scopes(names: list[str]) -> frozenset[Permission]:
    if unknown := set(names) - SYSTEM_SCOPES:
        raise typer.BadParameter(
            f"{', '.join(sorted(unknown))}: {', '.join(sorted(SYSTEM_SCOPES))}"
        )
    return frozenset(map(Permission, names))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Refused("名字：1 到 32 个字母、数字、_ . -", "a name: 1 to 32 letters, digits, _ . -")
    return name
