"""R1 · 再均衡风暴 · one worker more comes and goes every three seconds, by SIGTERM or kill -9."""

import asyncio
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from tests.fault.asked import Asked
from tests.fault.stage import Plan, Stage, staged
from tests.kit.eventually import eventually

KILLS, PIECE = 60, 60
EVERY_S, PROGRESS_S = 3.0, 60.0


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Two workers stay; the third one has no lasting name, so the group is formed anew each time.

    Every partition must make progress in every minute.
    """
    kills = rebalances = 0
    async with staged(asked, folder, Plan(workers=2)) as stage:
        idle = Idle(stage)
        watching = asyncio.create_task(idle.watch())
        stranger = stage.worker_without_name()
        try:
            while kills < asked.kills and not asked.over():
                began, before = monotonic(), sum(await stage.epochs())
                stranger.start()
                await eventually(partial(_above, stage, before), within=60)
                rebalances += 1
                await asyncio.sleep(max(0.0, began + EVERY_S - monotonic()))
                ending = stranger.kill if kills % 2 else stranger.terminate
                await asyncio.to_thread(ending)
                kills += 1
        finally:
            stranger.kill()
            watching.cancel()
        found = await stage.verdict()
    slow = idle.longest > PROGRESS_S
    complaints = [f"no progress for {idle.longest:.0f} s"] if slow else []
    counts = {"kills": kills, "rebalances": rebalances, "longest_idle_s": round(idle.longest, 1)}
    return {**found, **counts, "complaints": complaints}


class Idle:
    """The longest time in which some partition's watermark stood still; every one has ticks."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self.longest = stage, 0.0

    async def watch(self) -> None:
        marks = await self._stage.marks()
        moved = [monotonic()] * len(marks)
        while True:
            await asyncio.sleep(0.2)
            now, at = await self._stage.marks(), monotonic()
            moved = [
                at if new > old else since
                for new, old, since in zip(now, marks, moved, strict=True)
            ]
            marks = now
            self.longest = max(self.longest, at - min(moved))


async def _above(stage: Stage, before: int) -> bool:
    return sum(await stage.epochs()) > before
