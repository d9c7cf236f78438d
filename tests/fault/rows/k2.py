"""K2 · notify 被 kill -9，手里有活 · notify is killed with -9 while it has messages to send.

At random moments: before an intent is claimed, while the gateway answers, before the answer is
kept. 企业微信 drops what is sent again; an SMS may be repeated once.
"""

from pathlib import Path
from typing import Any

from tests.fault.asked import Asked
from tests.fault.telling import telling

KILLS, PIECE = 50, 10


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Publish alerts, freeze notify when it is caught with some unsent, and kill it."""
    kills = remained = 0
    async with telling(asked, folder) as stage:
        while kills < asked.kills and not asked.over():
            await stage.spell()
            remained += await stage.caught()
            stage.notify.kill()
            stage.notify.start()
            kills += 1
            await stage.settle()
        found = await stage.verdict()
    idle = kills - remained
    found["complaints"] += [f"{idle} kills found nothing left to do"] if idle else []
    return {**found, "kills": kills, "work_remained": remained}
