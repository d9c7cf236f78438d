"""``python -m services.<name> migrate``: bring the service's schema to the newest version."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.db.session import engine
from shared.settings import PostgresSettings

LOCK = 0x67756E63  # one migration at a time, whoever starts first


async def migrate(postgres: PostgresSettings, service: str) -> None:
    """Create the schema when missing and upgrade it, in one transaction under an advisory lock."""
    bound = engine(postgres, service, pool_size=1)
    async with bound.begin() as connection:
        await connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        await connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{service}"'))
        await connection.run_sync(_upgrade, service)
    await bound.dispose()


def _upgrade(connection: Connection, service: str) -> None:
    config = Config()
    folder = Path(__file__).parents[2] / "services" / service / "migrations"
    config.set_main_option("script_location", str(folder))
    config.attributes.update(connection=connection, schema=service)
    command.upgrade(config, "head")


def newest(service: str) -> str | None:
    """Return the version that the code expects."""
    config = Config()
    folder = Path(__file__).parents[2] / "services" / service / "migrations"
    config.set_main_option("script_location", str(folder))
    return ScriptDirectory.from_config(config).get_current_head()


def run(postgres: PostgresSettings, service: str) -> None:
    """Migrate from a command line."""
    asyncio.run(migrate(postgres, service))
