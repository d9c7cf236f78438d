"""P6 · 企业微信停两小时 · WeCom is down for two hours of business time, and alerts go on.

It refuses everything, or takes what it is asked and never answers, to many clients. The second
channel, SMS, does not wait for it: the urgent are told at once and the others after ten minutes,
though most of them were never tried. When WeCom is back all that waits is drained, each client's
revisions in their order.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from tests.fault.asked import Asked
from tests.fault.scene import Client, Scene
from tests.fault.telling import Telling, telling
from tests.kit.eventually import eventually

KILLS, PIECE = 6, 3
REVISIONS, BETWEEN = 3, timedelta(minutes=40)
ALWAYS: dict[str, Any] = {"match": {"channel": "wecom"}, "times": 100_000}
REFUSING = {**ALWAYS, "fault": "status", "value": 503}
SILENT = {**ALWAYS, "fault": "accept-then-wait", "value": 60}
WAYS = ((REFUSING, 1), (SILENT, 12))
"""How WeCom is down, and in how many waves alerts of each urgency come meanwhile."""
URGENT_S = 30.0  # within which all of the urgent must be told by SMS
QUICKLY = {"backoff": {"first": 1, "longest": 4}}  # real seconds: two hours are soon over here


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Switch WeCom off, tell three revisions over two hours, and switch it on again."""
    kills, slowest = 0, 0.0
    async with telling(asked, folder, Scene(simulated=True, policy=QUICKLY)) as stage:
        while kills < asked.kills and not asked.over():
            down, waves = WAYS[kills % len(WAYS)]
            await stage.fault(down)
            began = monotonic()
            urgent = [client for _ in range(waves) for client in await stage.spell()]
            await _by_sms(stage, urgent, 1)
            slowest = max(slowest, monotonic() - began)
            others = [c for _ in range(waves) for c in await stage.spell(urgency="middle")]
            clients = [*urgent, *others]
            for revision in range(1, REVISIONS + 1):
                if revision > 1:
                    await stage.revise(clients, revision)
                await _decided(stage)
                await stage.pass_time(BETWEEN)
                await _by_sms(stage, clients, revision)
            await stage.heal()
            await stage.settle()
            kills += 1
        found = await stage.verdict()
        if slowest > URGENT_S:
            found["complaints"].append(f"the urgent waited {slowest:.1f} s")
    return {**found, "kills": kills, "slowest_urgent_s": round(slowest, 1)}


async def _decided(stage: Telling) -> None:
    async def decided() -> bool:
        return await stage.heard() >= stage.alerts

    await eventually(decided, within=90)


async def _by_sms(stage: Telling, clients: Sequence[Client], revision: int) -> None:
    """Wait until the second channel has told everybody, with the first one down."""
    codes = {f"{client.code}-{revision}" for client in clients}

    async def told() -> bool:
        sms = [e for e in await stage.journal() if e["channel"] == "sms"]
        texts = " ".join(e["text"] for e in sms if e["outcome"] == "delivered")
        return all(code in texts for code in codes)

    await eventually(told, within=90, every=0.5)
