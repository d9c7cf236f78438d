"""拉取 — rows of a broker's table behind a mark, in order, in a transaction that only reads."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    Connection,
    Date,
    DateTime,
    Numeric,
    Select,
    String,
    and_,
    column,
    create_engine,
    or_,
    select,
    table,
    text,
)
from sqlalchemy import literal as bound
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeEngine

from services.ingest.domain.profiles.record import Record
from services.ingest.domain.pulls import Mark, Scalar
from services.ingest.pull_settings import PullSettings

READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
"""What makes a transaction refuse to write; any other database is only ever asked to select."""


class PulledTable:
    """One table or query. ``columns``: those that its profile reads."""

    def __init__(self, pull: PullSettings, columns: Sequence[str]) -> None:
        self._pull = pull
        self._names = list(dict.fromkeys([*columns, pull.watermark, pull.key]))
        self._run = _runner(pull.url.get_secret_value())

    async def after(self, mark: Mark | None) -> Sequence[Record]:
        """Return the next batch behind a mark (from its watermark on, if it has no key)."""
        statement = self._statement(mark)

        def ask(connection: Connection) -> list[Record]:
            if said := READ_ONLY.get(connection.dialect.name):
                connection.execute(text(said))
            return [dict(row) for row in connection.execute(statement).mappings()]

        return await self._run(ask)

    def _statement(self, mark: Mark | None) -> Select[Any]:
        pull = self._pull
        columns: list[ColumnClause[Any]] = [column(name) for name in self._names]
        source = (
            text(pull.query).columns(*columns).subquery("pulled")
            if pull.query
            else _table(pull.table, columns)
        )
        watermark, key = source.c[pull.watermark], source.c[pull.key]
        found = select(source).order_by(watermark, key).limit(pull.batch)
        if mark is None:
            return found.where(watermark.is_not(None))
        at = _bound(mark.watermark)
        if mark.key is None:
            return found.where(watermark >= at)
        return found.where(or_(watermark > at, and_(watermark == at, key > _bound(mark.key))))


def _table(name: str, columns: Sequence[Any]) -> Any:
    schema, _, own = name.rpartition(".")
    return table(own, *columns, schema=schema or None)


def _bound(value: Scalar) -> Any:
    """Return a parameter of the value's own type: a driver must not guess it."""
    types: dict[type, TypeEngine[Any]] = {
        datetime: DateTime(timezone=isinstance(value, datetime) and value.tzinfo is not None),
        date: Date(),
        int: BigInteger(),
        Decimal: Numeric(),
        str: String(),
    }
    return bound(value, types[type(value)])


Ask = Callable[[Connection], list[Record]]
Run = Callable[[Ask], Awaitable[list[Record]]]


def _runner(url: str) -> Run:
    """Return what runs a question: on an asynchronous driver, or on any other in a thread.

    No connection is held between two questions: it is somebody else's database.
    """
    try:
        engine = create_async_engine(url, poolclass=NullPool)
    except InvalidRequestError:
        blocking = create_engine(url, poolclass=NullPool)

        def in_thread(ask: Ask) -> list[Record]:
            with blocking.connect() as connection:
                return ask(connection)

        return lambda ask: asyncio.to_thread(in_thread, ask)
    return lambda ask: _asked(engine, ask)


async def _asked(engine: AsyncEngine, ask: Ask) -> list[Record]:
    async with engine.connect() as connection:  # rolled back at its end: nothing was written
        return await connection.run_sync(ask)
