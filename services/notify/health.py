"""Whether notify is ready, and its gauges, exact at the moment they are asked for."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiokafka.errors import KafkaError
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from services.notify.adapters.reader import Reader
from services.notify.adapters.records import Records
from shared.observability.metrics import NOTIFY_LAG_RECORDS, OPEN_INTENTS, WAITING_ALERTS

PATIENCE = 5.0


@dataclass
class Readiness:
    """Ready: the schema is the code's, and there are partitions to read."""

    reader: Reader
    schema: str | None = field(default="the database's version is not known yet")

    def reason(self) -> str | None:
        """Return why it is not ready, or None."""
        if self.schema is not None:
            return self.schema
        return None if self.reader.assigned else "no partition is assigned yet"


def measure_on_request(app: FastAPI, reader: Reader, records: Records) -> None:
    """Count lag, waiting alerts and open intents anew for every answer of ``/metrics``.

    In this order, so that whoever reads three zeros knows that all is read and all has ended. What
    cannot be counted is NaN, never 0.
    """

    @app.middleware("http")
    async def measure(
        request: Request, go_on: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if request.url.path == "/metrics":
            lag, waiting, still = await _counted(reader, records)
            NOTIFY_LAG_RECORDS.set(lag)
            WAITING_ALERTS.set(waiting)
            OPEN_INTENTS.set(still)
        return await go_on(request)


async def _counted(reader: Reader, records: Records) -> tuple[float, float, float]:
    lag = waiting = still = math.nan
    try:
        async with asyncio.timeout(PATIENCE):
            lag = await reader.lag()
            waiting, still = await records.counts()
    except (SQLAlchemyError, KafkaError, OSError, TimeoutError):
        return lag, math.nan, math.nan
    return lag, waiting, still
