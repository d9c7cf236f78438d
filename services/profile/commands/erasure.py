"""``guanchao profile erasure block | due | delete``: clients who asked to be erased."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer

from services.profile.adapters import erasures
from services.profile.adapters.clients import Row, Rows
from services.profile.commands.places import Postgres, operator, run, transaction
from shared.clock import WallClock
from shared.console import Refused
from shared.db.audit import PostgresTrail
from shared.kernel.audit import Entry, objection
from shared.kernel.trading_day import CHINA

app = typer.Typer(no_args_is_help=True, help="封存与到期删除 · erasure on request")
Client = Annotated[str, typer.Argument(help="期货公司:客户号 · broker:customer id")]
Reason = Annotated[str, typer.Option("--reason", help="为什么，进审计 · why, for the audit")]


@app.command()
def block(client: Client, *, reason: Reason, postgres: Postgres = None) -> None:
    """封存一位客户：不再查得到，到期才删 · block a client, to be deleted when it is due."""
    row = run(lambda: _block(postgres, client, reason))
    typer.echo(f"✓ 封存了 blocked {client}，到期 due {_said(row)}")


@app.command()
def due(postgres: Postgres = None) -> None:
    """列出过了保存期的 · list those whose twenty years are over."""
    rows = run(lambda: _due(postgres))
    for row in rows:
        typer.echo(f"{row['broker']}:{row['customer_id']}  {_said(row)}")
    typer.echo(f"✓ {len(rows)} 位 clients")


@app.command()
def delete(*, reason: Reason, postgres: Postgres = None) -> None:
    """删除过了保存期的；记进审计 · delete those whose time is over."""
    done = run(lambda: _delete(postgres, reason))
    typer.echo(f"✓ 删了 {len(done)} 位的 {sum(done)} 行 · rows of so many clients are deleted")


def _said(row: Row) -> str:
    if row["deleted_at"]:
        return f"已删 deleted {row['deleted_at'].astimezone(CHINA):%Y-%m-%d}"
    return f"{row['due'] or '账户未销，没有 none: an account is open'}"


def _entry(at: datetime, action: str, subject: str, reason: str) -> Entry:
    if wrong := objection(reason):
        raise Refused(f"--reason 不行：{wrong}", f"--reason: {wrong}")
    return Entry(at, operator(), (), action, subject, uuid4().hex, reason=reason)


async def _block(dsn: str | None, named: str, reason: str) -> Row:
    broker, _, client = named.partition(":")
    now = WallClock().now()
    entry = _entry(now, "client.blocked", client, reason)
    async with transaction(dsn) as connection:
        if not await erasures.known(connection, broker, client):
            raise Refused(f"没有这位客户：{named[:80]}", "no such client")
        said = {"broker": broker, "client": client, "at": now, "by": operator()}
        await erasures.block(connection, **said, reason=reason)
        await PostgresTrail(connection).write(entry)
        row = await erasures.erasure(connection, broker, client)
    assert row is not None  # noqa: S101 it was just written
    return row


async def _due(dsn: str | None) -> Rows:
    async with transaction(dsn) as connection:
        return await erasures.due(connection, WallClock().now().astimezone(CHINA).date())


async def _delete(dsn: str | None, reason: str) -> Sequence[int]:
    now = WallClock().now().astimezone(UTC)
    deleted = []
    async with transaction(dsn) as connection:
        for row in await erasures.due(connection, now.astimezone(CHINA).date()):
            broker, client = row["broker"], row["customer_id"]
            deleted.append(await erasures.delete(connection, broker, client, now))
            await PostgresTrail(connection).write(_entry(now, "client.deleted", client, reason))
    return deleted
