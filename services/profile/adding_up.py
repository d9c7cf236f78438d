"""合计的循环 — adds up the company's funds, while there are news, beside the reading."""

import asyncio
from dataclasses import dataclass
from time import perf_counter

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.profile.adapters.kept_sums import add_up
from services.profile.batch import AFTER_A_FAILURE, pause
from shared.observability.logging import logger

SOONEST, SHARE = 1.0, 20
"""It waits a second, and at least twenty times what adding up took: the store has other work."""


@dataclass(frozen=True)
class AddingUp:
    """Runs until told to stop."""

    database: AsyncEngine
    broker: str

    async def run(self, stop: asyncio.Event) -> None:
        """Add up what is new; then look again."""
        while not stop.is_set():
            await pause(stop, await self._step())

    async def _step(self) -> float:
        """Add up once; return the seconds to wait before the next."""
        began = perf_counter()
        try:
            async with self.database.begin() as connection:
                await add_up(connection, self.broker)
        except (SQLAlchemyError, OSError) as error:
            logger().error("the sums are not added up", reason=type(error).__name__)
            return AFTER_A_FAILURE
        return max(SOONEST, SHARE * (perf_counter() - began))
