"""Engines bound to one service's schema."""

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.settings import PostgresSettings


def engine(postgres: PostgresSettings, schema: str, pool_size: int = 5) -> AsyncEngine:
    """Return an engine whose sessions see only ``schema``; statements give up after 30 s."""
    return create_async_engine(
        postgres.dsn.get_secret_value(),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            "ssl": False if "@127.0.0.1" in postgres.dsn.get_secret_value() else None,
            "server_settings": {
                "search_path": schema,
                "application_name": f"guanchao-{schema}",
                "statement_timeout": "30000",
            },
        },
    )
