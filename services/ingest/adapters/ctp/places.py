"""续传点 — the table of how far each sequenced stream was taken."""

import json
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.ctp.sequence import Progress

_OF = text(
    "SELECT first, last, gaps FROM stream_places WHERE stream = :stream AND trading_day = :day"
)

_WRITE = text(
    """
    INSERT INTO stream_places (stream, trading_day, first, last, gaps)
    VALUES (:stream, :day, :first, :last, :gaps)
    ON CONFLICT (stream, trading_day)
    DO UPDATE SET first = excluded.first, last = excluded.last, gaps = excluded.gaps
    """
)


class PostgresPlaces:
    """See ``domain.ctp.sequence.Places``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, stream: str, day: date) -> Progress:
        found = await self._connection.execute(_OF, {"stream": stream, "day": day})
        row = found.one_or_none()
        if row is None:
            return Progress()
        gaps = tuple((begin, end) for begin, end in json.loads(row.gaps))
        return Progress(row.first, row.last, gaps)

    async def write(self, stream: str, day: date, progress: Progress) -> None:
        told = {
            "stream": stream,
            "day": day,
            "first": progress.first,
            "last": progress.last,
            "gaps": json.dumps(progress.gaps),
        }
        await self._connection.execute(_WRITE, told)
