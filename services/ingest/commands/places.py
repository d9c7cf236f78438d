"""Where ingest's database and keys are, and what is said when one of them is not there."""

import contextlib
import getpass
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.adapters.records import connected
from services.ingest.domain.books import StoresAway
from shared import console
from shared.blind_index import BlindIndex
from shared.console import Refused
from shared.crypto import FieldCipher
from shared.db.session import engine
from shared.settings import PostgresSettings

T = TypeVar("T")
Postgres = Annotated[
    str | None,
    typer.Option(
        "--postgres",
        envvar="INGEST_POSTGRES__DSN",
        show_envvar=False,
        help="ingest 的数据库 · postgresql+asyncpg://…（INGEST_POSTGRES__DSN）",
    ),
]
_AWAY = (
    (StoresAway,),
    Refused(
        "PostgreSQL 没有回答：它在运行吗？地址对吗？迁移过吗？见 --postgres",
        "PostgreSQL does not answer, or was not migrated: see --postgres",
    ),
)


class Places(BaseSettings):
    """The variables that ingest itself reads."""

    model_config = SettingsConfigDict(
        env_prefix="INGEST_", env_nested_delimiter="__", extra="ignore", frozen=True
    )

    field_keys: dict[str, SecretStr] = {}
    index_keys: dict[str, SecretStr] = {}


def run(command: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a command to its end; what cannot be done is one line and exit code 2."""
    return console.run(command, _AWAY)


@contextlib.asynccontextmanager
async def database(dsn: str | None) -> AsyncIterator[AsyncEngine]:
    """Open ingest's database: the flag's, else the environment's."""
    if not dsn:
        raise Refused(
            "不知道数据库在哪：加 --postgres，或设 INGEST_POSTGRES__DSN，或先 make run",
            "where is the database? --postgres, INGEST_POSTGRES__DSN, or make run",
        )
    bound = engine(PostgresSettings(dsn=SecretStr(dsn)), "ingest", pool_size=1)
    try:
        yield bound
    finally:
        await bound.dispose()


@contextlib.asynccontextmanager
async def transaction(dsn: str | None) -> AsyncIterator[AsyncConnection]:
    """Open one transaction in ingest's database."""
    async with database(dsn) as bound, connected(bound) as connection:
        yield connection


def ciphers() -> tuple[FieldCipher, BlindIndex | None]:
    """Return what seals, and what finds what is sealed where the site has it."""
    places = Places()
    keys, index = (
        {kid: key.get_secret_value() for kid, key in told.items()}
        for told in (places.field_keys, places.index_keys)
    )
    if not keys:
        raise Refused(
            "不知道密钥：设 INGEST_FIELD_KEYS，与 ingest 的一样",
            "which keys? set INGEST_FIELD_KEYS as for ingest itself",
        )
    try:
        return FieldCipher(keys), BlindIndex(index) if index else None
    except ValueError as wrong:
        raise Refused(f"密钥不对：{wrong}", f"a key does not fit: {wrong}") from None


def operator() -> str:
    """Return who is at the terminal, as the audit names it."""
    return f"cli:{getpass.getuser()}"
