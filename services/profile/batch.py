"""夜间批的循环 — computes what is due, step by step, beside the reading."""

import asyncio
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from services.profile.adapters.nights import Nights
from shared.observability.logging import logger
from shared.observability.metrics import NIGHTLY_DOUBTS, NIGHTLY_DUE, NIGHTLY_SECONDS

LOOK_SECONDS, AFTER_A_FAILURE = 2.0, 30.0


@dataclass(frozen=True)
class Batch:
    """Runs until told to stop. A step that fails is tried again, and reading goes on meanwhile."""

    nights: Nights

    async def run(self, stop: asyncio.Event) -> None:
        """Compute what is due; then look again every two seconds."""
        while not stop.is_set():
            wait = await self._step()
            if wait:
                await pause(stop, wait)

    async def _step(self) -> float:
        """Compute one step; return the seconds to wait before the next."""
        try:
            NIGHTLY_DUE.set(await self.nights.due())  # before: what fails again is still due
            done = await self.nights.compute()
            for doubt, accounts in (await self.nights.doubts()).items():
                NIGHTLY_DOUBTS.labels(doubt).set(accounts)
        except (SQLAlchemyError, OSError) as error:
            logger().error("a night is not computed", reason=type(error).__name__)
            return AFTER_A_FAILURE
        if done is None:
            return LOOK_SECONDS
        NIGHTLY_SECONDS.labels(done.step).set(done.seconds)
        logger().info(
            "night computed",
            step=done.step,
            trading_day=f"{done.day}",
            rows=done.rows,
            seconds=round(done.seconds, 3),
        )
        return 0


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Return when told to stop, or after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
