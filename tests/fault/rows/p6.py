"""P6 · 企业微信停两小时 · WeCom is down for two hours of business time, and alerts go on.

The second channel, SMS, tells the urgent at once and the others after ten minutes; when WeCom is
back all that waits is drained, each client's revisions in their order.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.fault.asked import Asked
from tests.fault.scene import Client, Scene
from tests.fault.telling import Telling, telling
from tests.kit.eventually import eventually

KILLS, PIECE = 6, 3
REVISIONS, BETWEEN = 3, timedelta(minutes=40)
DOWN = {"match": {"channel": "wecom"}, "fault": "status", "value": 503, "times": 100_000}
UNTRIED = "SELECT count(*) FROM notify.intents WHERE first_at IS NULL AND revision = 1"
QUICKLY = {"backoff": {"first": 1, "longest": 4}}  # real seconds: two hours are soon over here


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Switch WeCom off, tell three revisions over two hours, and switch it on again."""
    kills = 0
    async with telling(asked, folder, Scene(simulated=True, policy=QUICKLY)) as stage:
        while kills < asked.kills and not asked.over():
            await stage.fault(DOWN)
            clients = [*await stage.spell(), *await stage.spell(urgency="middle")]
            for revision in range(1, REVISIONS + 1):
                if revision > 1:
                    await stage.revise(clients, revision)
                await _tried(stage)
                await stage.pass_time(BETWEEN)
                await _by_sms(stage, clients, revision)
            await stage.heal()
            await stage.settle()
            kills += 1
        found = await stage.verdict()
    return {**found, "kills": kills}


async def _tried(stage: Telling) -> None:
    """Wait until all was asked of WeCom once: an alert that is first tried later is late later."""

    async def tried() -> bool:
        return await stage.heard() >= stage.alerts and not (await stage.rows(UNTRIED))[0][0]

    await eventually(tried, within=90)


async def _by_sms(stage: Telling, clients: Sequence[Client], revision: int) -> None:
    """Wait until the second channel has told everybody, with the first one down."""
    codes = {f"{client.code}-{revision}" for client in clients}

    async def told() -> bool:
        sms = [e for e in await stage.journal() if e["channel"] == "sms"]
        texts = " ".join(e["text"] for e in sms if e["outcome"] == "delivered")
        return all(code in texts for code in codes)

    await eventually(told, within=90, every=0.5)
