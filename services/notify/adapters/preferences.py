"""偏好 in PostgreSQL: by which channels a person would rather hear; the newest that holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Table,
    Text,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters.tables import METADATA, Moment, staff
from services.notify.domain.preference import Preference

preferences = Table(
    "preferences",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("broker", Text, nullable=False),
    Column("staff_id", Text, nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("begin_at", Moment, nullable=False),
    Column("until_at", Moment),
    Column("author", Text, nullable=False),
    Column("ended_by", Text),
    Index("preferences_staff", "broker", "staff_id", "number"),
)


class Kept(NamedTuple):
    """One preference as it is kept: whose, by its number, and who wrote it."""

    number: int
    staff_id: str
    preference: Preference
    author: str


def read(found: Sequence[Sequence[Any]] | None) -> tuple[Preference, ...]:
    """Return [channels, begin, until] of each as preferences, in their order."""
    return tuple(
        Preference(tuple(channels), _moment(begin), _moment(until) if until else None)
        for channels, begin, until in found or ()
    )


async def known(connection: AsyncConnection, broker: str, staff_id: str) -> bool:
    """Say whether the directory has this member of staff."""
    query = select(func.count()).where(staff.c.broker == broker, staff.c.staff_id == staff_id)
    return bool(await connection.scalar(query))


async def add(
    connection: AsyncConnection, whose: tuple[str, str], preference: Preference, author: str
) -> int:
    """Write a preference of (broker, staff id); return its number."""
    values: Mapping[str, Any] = {
        "broker": whose[0],
        "staff_id": whose[1],
        "channels": list(preference.channels),
        "begin_at": preference.begin,
        "until_at": preference.until,
        "author": author,
    }
    made = insert(preferences).values(values).returning(preferences.c.number)
    return int((await connection.execute(made)).scalar_one())


async def in_force(connection: AsyncConnection, broker: str, now: datetime) -> Sequence[Kept]:
    """Return a broker's preferences that hold now or later, the oldest first."""
    p = preferences.c
    holds = or_(p.until_at.is_(None), p.until_at > now)
    query = select(preferences).where(p.broker == broker, holds)
    return [
        Kept(
            row.number,
            row.staff_id,
            Preference(tuple(row.channels), row.begin_at, row.until_at),
            row.author,
        )
        for row in await connection.execute(query.order_by(p.number))
    ]


async def end(connection: AsyncConnection, number: int, author: str, now: datetime) -> bool:
    """End a preference now; False when there is none of this number that still holds."""
    p = preferences.c
    this = (p.number == number, or_(p.until_at.is_(None), p.until_at > now))
    ended = update(preferences).where(*this).values(until_at=now, ended_by=author)
    return (await connection.execute(ended)).rowcount == 1


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
