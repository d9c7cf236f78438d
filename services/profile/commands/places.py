"""Where profile's database and Kafka are, and what is said when they are not there."""

import contextlib
import getpass
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import console
from shared.console import Refused
from shared.db.session import engine
from shared.settings import PostgresSettings

T = TypeVar("T")
Postgres = Annotated[
    str | None,
    typer.Option(
        "--postgres",
        envvar="PROFILE_POSTGRES__DSN",
        show_envvar=False,
        help="profile 的数据库 · postgresql+asyncpg://…（PROFILE_POSTGRES__DSN）",
    ),
]
_AWAY = (
    (SQLAlchemyError, OSError, TimeoutError),
    Refused(
        "PostgreSQL 没有回答：它在运行吗？地址对吗？迁移过吗？见 --postgres",
        "PostgreSQL does not answer, or was not migrated: see --postgres",
    ),
)


def run(command: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a command to its end; what cannot be done is one line and exit code 2."""
    return console.run(command, _AWAY)


@contextlib.asynccontextmanager
async def database(dsn: str | None) -> AsyncIterator[AsyncEngine]:
    """Open profile's database: the flag's, else the environment's."""
    bound = engine(settings_of(dsn), "profile", pool_size=2)
    try:
        yield bound
    finally:
        await bound.dispose()


def settings_of(dsn: str | None) -> PostgresSettings:
    """Return the database's address, or refuse with what to do."""
    if not dsn:
        raise Refused(
            "不知道数据库在哪：加 --postgres，或设 PROFILE_POSTGRES__DSN，或先 make run",
            "where is the database? --postgres, PROFILE_POSTGRES__DSN, or make run",
        )
    return PostgresSettings(dsn=SecretStr(dsn))


@contextlib.asynccontextmanager
async def transaction(dsn: str | None) -> AsyncIterator[AsyncConnection]:
    """Open one transaction in profile's database."""
    async with database(dsn) as bound, bound.begin() as connection:
        yield connection


def operator() -> str:
    """Return who is at the terminal, as the audit names it."""
    return f"cli:{getpass.getuser()}"
