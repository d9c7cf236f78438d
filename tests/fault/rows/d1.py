"""D1 · notify 的 PostgreSQL 停了、慢了、断了 · it is down, two seconds slow, or cuts everybody off.

Nothing is acknowledged while it is down. A notify that ends because of it is started again.
"""

import asyncio
from pathlib import Path
from time import monotonic
from typing import Any

from services.notify.adapters.reckoning import committed
from shared.settings import KafkaSettings
from tests.fault.asked import Asked
from tests.fault.crew import Crew
from tests.fault.scene import Scene
from tests.fault.telling import Telling, telling

KILLS, PIECE = 9, 3
DOWN_S, SLOW_S, CUTS, BETWEEN_S = 60.0, 20.0, 4, 5.0
DELAY_S = 2.0
CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
PATIENT = {"NOTIFY_SENDING__TIMEOUT_SECONDS": "5", "NOTIFY_SENDING__LEASE_SECONDS": "30"}


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Take one of the three after the other, each with a spell before and one within."""
    kills, slowest, complaints = 0, 0.0, list[str]()
    most = 0
    async with telling(asked, folder, Scene(proxied=True, extra=PATIENT)) as stage:
        crew = Crew([stage.notify])
        tending = asyncio.create_task(crew.tend())
        try:
            while kills < asked.kills and not asked.over():
                await stage.spell()
                kind = (_down, _slow, _cut)[kills % 3]
                complaints += await kind(stage)
                mended = monotonic()
                most = max(most, int((await stage.rows(CONNECTIONS))[0][0]))
                await stage.settle()
                slowest = max(slowest, monotonic() - mended)
                kills += 1
            found = await stage.verdict()
        finally:
            tending.cancel()
    found["complaints"] += complaints
    ends = {f"ended_{code}": count for code, count in sorted(crew.ends.items())}
    seen = {"slowest_settled_s": round(slowest, 1), "connections": most}
    return {**found, "kills": kills, **ends, **seen}


async def _down(stage: Telling) -> list[str]:
    """Kill it; while it is down no offset may be committed."""
    stage.stores.postgres_server.kill()
    before = await _acknowledged(stage)
    await stage.spell()
    await asyncio.sleep(DOWN_S)
    after = await _acknowledged(stage)
    await asyncio.to_thread(stage.stores.postgres_server.start)
    await asyncio.to_thread(stage.stores.postgres_server.wait_ready)
    return [f"{after - before} alerts acknowledged without the database"] if after > before else []


async def _slow(stage: Telling) -> list[str]:
    stage.proxy.delay = DELAY_S
    await stage.spell()
    await asyncio.sleep(SLOW_S)
    stage.proxy.delay = 0.0
    return []


async def _cut(stage: Telling) -> list[str]:
    await stage.spell()
    for _ in range(CUTS):
        stage.proxy.cut()
        await asyncio.sleep(BETWEEN_S)
    return []


async def _acknowledged(stage: Telling) -> int:
    return sum((await committed(KafkaSettings(brokers=stage.stores.kafka))).values())
