"""P2 · 企业微信说太多了 · WeCom refuses for a while: 45009, or bursts of 45033 and 429.

45009 blocks the whole interface: for its minute of business time nobody is asked a second time. The
others are over when the calls are repeated with patience. SMS goes on meanwhile.
"""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.fault.asked import Asked
from tests.fault.scene import Scene
from tests.fault.telling import AT_ONCE, Telling, telling
from tests.kit.eventually import eventually

KILLS, PIECE = 12, 6
BLOCKED, MINUTE = 45009, timedelta(seconds=61)
ALWAYS = 100_000
WATCHED_S = 3.0  # in which a storm would show
BURSTS: tuple[dict[str, Any], ...] = (
    {"fault": "errcode", "value": BLOCKED, "times": ALWAYS},
    {"fault": "errcode", "value": 45033, "times": AT_ONCE},
    {"fault": "status", "value": 429, "times": AT_ONCE},
)


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Script the gateway before each spell, one burst after the other."""
    kills, again = 0, Counter[str]()
    async with telling(asked, folder, Scene(simulated=True)) as stage:
        while kills < asked.kills and not asked.over():
            burst = BURSTS[kills % len(BURSTS)]
            before = len(await stage.journal())
            await stage.fault({"match": {"channel": "wecom"}, **burst})
            await stage.spell()
            if burst["value"] == BLOCKED:
                again += await _blocked(stage, before)
            await stage.settle()
            kills += 1
        refused = sum(e["outcome"] == "faulted" for e in await stage.journal())
        found = await stage.verdict()
    storm = sum(again.values())
    found["complaints"] += [f"{storm} calls repeated within the blocked minute"] if storm else []
    return {**found, "kills": kills, "refused": refused, "asked_again_while_blocked": storm}


async def _blocked(stage: Telling, before: int) -> Counter[str]:
    """Wait for the SMS, watch the blocked minute, and end it; return who was asked again in it."""

    async def by_sms() -> bool:
        entries = (await stage.journal())[before:]
        return len([e for e in entries if e["channel"] == "sms"]) >= AT_ONCE

    await eventually(by_sms, within=60)
    await asyncio.sleep(WATCHED_S)
    calls = Counter(e["to"] for e in (await stage.journal())[before:] if e["channel"] == "wecom")
    await stage.heal()
    await stage.pass_time(MINUTE)
    return Counter({to: count - 1 for to, count in calls.items() if count > 1})
