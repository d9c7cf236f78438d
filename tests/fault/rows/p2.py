"""P2 · 企业微信说太多了 · WeCom refuses for a while: 45009, or bursts of 45033 and 429.

45009 blocks the whole interface: for its minute of business time nobody is asked a second time. The
others are over when the calls are repeated with patience. SMS goes on meanwhile.

Here WeCom takes 60 calls a minute of business time, as many as a spell has messages, and notify's
budget is a little less: ``quota_ratio`` says how full the fullest minute was, with what is refused.
"""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from services.notify.domain.budget import Window
from tests.fault.asked import Asked
from tests.fault.quota import quota_ratio
from tests.fault.scene import Scene
from tests.fault.telling import AT_ONCE, Telling, telling
from tests.kit.eventually import eventually
from tests.kit.policy import by_day_and_night

KILLS, PIECE = 12, 6
BLOCKED, MINUTE = 45009, timedelta(seconds=61)
ALWAYS = 100_000
WATCHED_S = 3.0  # in which a storm would show
ALLOWED = Window(per="channel", seconds=60, limit=60)
BUDGET = ALLOWED.model_copy(update={"limit": 57})
FULL = 0.9
SENT_S = 180.0
BACKOFF = {"first": 1, "longest": 4}  # real seconds
BURSTS: tuple[dict[str, Any], ...] = (
    {"fault": "errcode", "value": BLOCKED, "times": ALWAYS},
    {"fault": "errcode", "value": 45033, "times": AT_ONCE},
    {"fault": "status", "value": 429, "times": AT_ONCE},
)


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Script the gateway before each spell, one burst after the other."""
    kills, again = 0, Counter[str]()
    budgets = by_day_and_night()["budgets"] | {"wecom_app": [BUDGET.model_dump(exclude_none=True)]}
    scene = Scene(simulated=True, policy={"budgets": budgets, "backoff": BACKOFF})
    async with telling(asked, folder, scene) as stage:
        while kills < asked.kills and not asked.over():
            burst = BURSTS[kills % len(BURSTS)]
            before = len(await stage.journal())
            await stage.fault({"match": {"channel": "wecom"}, **burst})
            await stage.spell()
            if burst["value"] == BLOCKED:
                again += await _blocked(stage, before)
            await _sent(stage)
            kills += 1
        journal = await stage.journal()
        found = await stage.verdict()
    refused = sum(e["outcome"] == "faulted" for e in journal)
    storm, ratio = sum(again.values()), quota_ratio(journal, "wecom", [ALLOWED])
    found["complaints"] += [f"{storm} calls repeated within the blocked minute"] if storm else []
    found["complaints"] += [] if FULL <= ratio <= 1 else [f"{ratio} of the quota was used"]
    seen = {"refused": refused, "asked_again_while_blocked": storm, "quota_ratio": ratio}
    return {**found, "kills": kills, **seen}


async def _sent(stage: Telling) -> None:
    """Let a minute pass whenever the budget is used up, until all has gone.

    Not sooner: what was granted in one minute must not reach the gateway in the next one.
    """
    async with asyncio.timeout(SENT_S):
        while await stage.heard() < stage.alerts or await stage.open_intents():
            calls = [e for e in await stage.journal() if e["channel"] == "wecom"]
            now = sum(datetime.fromisoformat(e["at"]) == stage.now for e in calls)
            if now >= BUDGET.limit:
                await stage.pass_time(MINUTE)
            await asyncio.sleep(0.2)


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
