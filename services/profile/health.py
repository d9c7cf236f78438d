"""Whether profile is alive and ready, and its lag at the moment it is asked for."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiokafka.errors import KafkaError
from fastapi import FastAPI, Request, Response

from services.profile.adapters.reader import Reader
from shared.observability.metrics import PROFILE_LAG_RECORDS

STUCK_SECONDS, PATIENCE_SECONDS = 60.0, 5.0


@dataclass
class Health:
    """Alive: the reading loop moves. Ready: the schema is the code's, and there is what to read."""

    reader: Reader
    schema: str | None = "the database's version is not known yet"
    moved: float = field(default_factory=time.monotonic)

    def beat(self) -> None:
        """Note that the loop has come round."""
        self.moved = time.monotonic()

    def stuck(self) -> str | None:
        """Return why it is not alive, or None."""
        still = self.schema is None and time.monotonic() - self.moved > STUCK_SECONDS
        return f"reading has not moved for {STUCK_SECONDS:.0f} s" if still else None

    def unready(self) -> str | None:
        """Return why it is not ready, or None."""
        if self.schema is not None:
            return self.schema
        return None if self.reader.assigned else "no partition is assigned yet"


def measure_on_request(app: FastAPI, reader: Reader) -> None:
    """Count the lag anew for every answer of ``/metrics``; what cannot be counted is NaN."""

    @app.middleware("http")
    async def measure(
        request: Request, go_on: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if request.url.path == "/metrics":
            PROFILE_LAG_RECORDS.set(await _lag(reader))
        return await go_on(request)


async def _lag(reader: Reader) -> float:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await reader.lag()
    except (KafkaError, OSError, TimeoutError):
        return math.nan
