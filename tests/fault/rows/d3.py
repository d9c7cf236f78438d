"""D3 · Valkey 停掉、清空、倒退 · Valkey goes away, loses everything, or comes back as it was.

Emptied: mot refuses to run and names the remedy, which then helps. Set back to an older file: the
worker with the warm cache is refused, and what it said meanwhile is said again in the same bytes.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.fault.asked import Asked
from tests.fault.stage import Plan, Stage, staged
from tests.kit.eventually import eventually

KILLS, PIECE = 9, 9
DOWN_S, REFUSED = 4.0, 70


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Take the three faults in turn."""
    kinds = (_down, _emptied, _set_back)
    kills = 0
    complaints: list[str] = []
    async with staged(asked, folder, Plan()) as stage:
        while kills < asked.kills and not asked.over():
            await stage.moves_on()
            complaints += await kinds[kills % len(kinds)](stage)
            await stage.moves_on()
            kills += 1
        found = await stage.verdict()
    return {**found, "kills": kills, "complaints": complaints}


async def _down(stage: Stage) -> list[str]:
    """Kill it, and keep it away for a while."""
    await stage.bounce_valkey(DOWN_S)
    return []


async def _emptied(stage: Stage) -> list[str]:
    """FLUSHALL under a running worker; a start without the remedy must be refused."""
    worker, complaints = stage.worker, []
    with stage.crew.hold(worker):
        await stage.committed()
        await stage.valkey.flushall()
        await eventually(_ended(stage), within=60)
        worker.start()
        await eventually(_ended(stage), within=60)
        said = worker.recipe.log.read_text(encoding="utf-8", errors="replace")[-3000:]
        if worker.exit_code != REFUSED or "rebuild" not in said:
            complaints.append(f"emptied: exit code {worker.exit_code}, remedy not named")
        await asyncio.to_thread(_rebuild, stage)
        worker.start()
        await asyncio.to_thread(worker.wait_ready)
    return complaints


def _rebuild(stage: Stage) -> None:
    command = [sys.executable, "-m", "services.mot", "rebuild"]
    environment = {**os.environ, **stage.worker.recipe.env}
    subprocess.run(command, env=environment, check=True, capture_output=True)


async def _set_back(stage: Stage) -> list[str]:
    """Put back a copy of its file that is a little older than what the frozen worker has seen."""
    server, worker = stage.stores.valkey_server, stage.worker
    file = stage.stores.state.path / "valkey"
    older = file.with_name("valkey-before")
    worker.freeze()  # nobody writes meanwhile
    shutil.copytree(file, older)
    worker.thaw()
    await stage.moves_on()
    worker.freeze()
    before = await stage.done()
    server.kill()
    shutil.rmtree(file)
    older.rename(file)
    server.start()
    await asyncio.to_thread(server.wait_ready)
    is_older = await stage.done() < before
    worker.thaw()
    await eventually(lambda: _above(stage, before), within=60)
    return [] if is_older else ["the older file knew as much"]


async def _above(stage: Stage, before: int) -> bool:
    return await stage.done() > before


def _ended(stage: Stage) -> Any:
    async def ask() -> bool:
        return not stage.worker.running

    return ask
