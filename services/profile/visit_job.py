"""回访批次的循环 — generates what was asked for, batch by batch, beside the reading."""

import asyncio
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from services.profile.adapters.visit_generating import Generating
from services.profile.batch import AFTER_A_FAILURE, LOOK_SECONDS, pause
from shared.observability.logging import logger
from shared.observability.metrics import VISITS_WAITING


@dataclass(frozen=True)
class VisitJob:
    """Runs until told to stop; a batch that fails is tried again, and then given up."""

    generating: Generating

    async def run(self, stop: asyncio.Event) -> None:
        """Generate what waits; then look again every two seconds."""
        while not stop.is_set():
            wait = await self._step()
            if wait:
                await pause(stop, wait)

    async def _step(self) -> float:
        """Generate one batch; return the seconds to wait before the next."""
        try:
            done = await self.generating.generate()
            VISITS_WAITING.set(await self.generating.waiting())
        except (SQLAlchemyError, OSError, ValueError) as error:
            logger().error("visits are not generated", reason=type(error).__name__)
            return AFTER_A_FAILURE
        if done is None:
            return LOOK_SECONDS
        said = {name: done[name] for name in ("batch", "status", "clients", "opened", "joined")}
        logger().info("visits generated", **said)
        return 0
