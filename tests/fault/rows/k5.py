"""K5 · 滚动重启 · every worker in turn is asked to stop (SIGTERM) and started again."""

import asyncio
from pathlib import Path
from time import monotonic
from typing import Any

from deploy.embedded.program import Program
from tests.fault.asked import Asked
from tests.fault.stage import Plan, staged

KILLS, PIECE = 6, 6  # three rounds of two workers
WORKERS, LIMIT_S = 2, 25.0


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Each one must end with exit code 0 within ``LIMIT_S`` while records keep arriving.

    It is frozen until more has arrived than it could have been done with, then asked to stop.
    """
    kills = remained = 0
    complaints: list[str] = []
    slowest = 0.0
    async with staged(asked, folder, Plan(workers=WORKERS)) as stage:
        while kills < asked.kills and not asked.over():
            worker = stage.crew.programs[kills % WORKERS]
            await stage.moves_on()
            with stage.crew.hold(worker):
                worker.freeze()
                await stage.stream.goes_on()
                remained += await stage.done() < stage.stream.sent
                took = await _stopped(worker)
                if worker.exit_code or took > LIMIT_S:
                    ended = f"exit code {worker.exit_code} after {took:.1f} s"
                    complaints.append(f"{ended}: {worker.last_words()}")
                worker.start()
            slowest = max(slowest, took)
            await stage.all_ready()
            kills += 1
        found = await stage.verdict()
    if remained < kills:
        complaints.append(f"{kills - remained} workers had nothing to do when asked to stop")
    counts = {"kills": kills, "work_remained": remained, "slowest_stop_s": round(slowest, 2)}
    return {**found, **counts, "complaints": complaints}


async def _stopped(worker: Program) -> float:
    """Let it find the signal the moment it goes on; return how long it took to end, in s."""
    began = monotonic()
    worker.ask_to_stop()
    worker.thaw()
    await asyncio.to_thread(worker.wait_stopped, worker.recipe.grace)
    return monotonic() - began
