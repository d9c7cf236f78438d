"""K1 · mot 被 kill -9 · mot is killed with -9, again and again, while it has work.

On the way a rule version is published before each kill, and Valkey is killed and restarted at every
``VALKEY_EVERY``-th one.
"""

import asyncio
from pathlib import Path
from time import monotonic
from typing import Any

from tests.fault.asked import Asked
from tests.fault.stage import Plan, staged

KILLS, PIECE = 300, 30
VALKEY_EVERY = 5


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Freeze the worker until it is caught with records it is not done with, then kill it."""
    kills = remained = bounces = 0
    async with staged(asked, folder, Plan()) as stage:
        began = monotonic()
        while kills < asked.kills and not asked.over():
            await stage.moves_on()
            await stage.publish_rule()
            await asyncio.sleep(asked.chance.uniform(0, 1.0))
            with stage.crew.hold(stage.worker):
                remained += await stage.caught_at_work(stage.worker)
                stage.worker.kill()
                stage.worker.start()
            kills += 1
            if kills % VALKEY_EVERY == 0:
                await stage.moves_on()
                await stage.bounce_valkey()
                bounces += 1
        a_kill = round((monotonic() - began) / max(1, kills), 2)
        found = await stage.verdict()
    idle = kills - remained
    complaints = [f"{idle} kills found nothing left to do"] if idle else []
    on_the_way = {"valkey_restarts": bounces, "rule_versions": stage.changes.versions}
    counts = {"kills": kills, "work_remained": remained, **on_the_way}
    return {**found, **counts, "a_kill_s": a_kill, "complaints": complaints}
