"""P5 · 令牌失效 · the access token is revoked (40014) or expires (42001) while many are sending.

However many requests are refused with it, one new token is fetched.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.fault.asked import Asked
from tests.fault.scene import Scene
from tests.fault.telling import Telling, telling

KILLS, PIECE = 20, 10
LIFETIME = timedelta(seconds=7201)  # the gateway's clock moves, notify's own knows nothing of it


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Spoil the token before each spell, one way and the other."""
    kills = 0
    async with telling(asked, folder, Scene(simulated=True)) as stage:
        await stage.spell()
        await stage.settle()
        while kills < asked.kills and not asked.over():
            if kills % 2:
                await stage.pass_time(LIFETIME)
            else:
                await _revoke(stage)
            await stage.spell()
            await stage.settle()
            kills += 1
        fetched = await _fetched(stage)
        found = await stage.verdict()
    if fetched != kills + 1:
        found["complaints"] += [f"{fetched} tokens fetched, {kills + 1} were needed"]
    return {**found, "kills": kills, "tokens_fetched": fetched}


async def _revoke(stage: Telling) -> None:
    (await stage.http.delete(f"{stage.chain.url('sandbox')}/sandbox/tokens")).raise_for_status()


async def _fetched(stage: Telling) -> int:
    """Count the calls of gettoken."""
    calls = (await stage.http.get(f"{stage.chain.url('sandbox')}/sandbox/tokens")).json()
    return sum(call["code"] == 0 for call in calls)
