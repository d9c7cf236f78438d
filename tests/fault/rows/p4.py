"""P4 · 慢、断、乱、错 · WeCom and SMS are slow, hang up, answer nonsense or refuse for good.

Each of some receivers meets one of them. Whoever can be told is, who is refused for good is told by
the other channel alone and not asked again, and nobody else waits.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from tests.fault.asked import Asked
from tests.fault.scene import Client, Scene
from tests.fault.telling import Telling, telling
from tests.fault.told import CODE

KILLS, PIECE = 6, 3
SLOW_S, OTHERS_S = 30, 20.0  # an answer; and within which everybody else must be told
NOBODY = "nobody"  # user ids that the gateway answers with invaliduser


@dataclass(frozen=True)
class Wrong:
    """What a receiver meets on one channel; ``told``: the message still arrives by it."""

    channel: str
    fault: str
    value: int | str | None = None
    told: bool = True


WRONGS = (
    Wrong("wecom", "latency", SLOW_S),
    Wrong("wecom", "accept-then-wait", SLOW_S),
    Wrong("wecom", "accept-then-close"),
    Wrong("wecom", "accept-then-garbage"),
    Wrong("wecom", "garbage"),
    Wrong("wecom", "close"),
    Wrong("wecom", "errcode", -1),
    Wrong("wecom", "errcode", 81013, told=False),
    Wrong("wecom", "errcode", 60020, told=False),
    Wrong("wecom", NOBODY, told=False),
    Wrong("sms", "latency", SLOW_S),
    Wrong("sms", "accept-then-garbage"),
    Wrong("sms", "errcode", "isp.SYSTEM_ERROR"),
    Wrong("sms", "errcode", "isv.MOBILE_NUMBER_ILLEGAL", told=False),
)


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Give each wrong a receiver of each spell; the rest of the spell is healthy."""
    kills, slowest = 0, 0.0
    async with telling(asked, folder, Scene()) as stage:
        while kills < asked.kills and not asked.over():
            slowest = max(slowest, await _spell(stage))
            await stage.settle()
            kills += 1
        await asyncio.sleep(SLOW_S)  # what was asked slowly is taken by then
        found = await stage.verdict()
    late = [f"others waited {slowest:.1f} s"] if slowest > OTHERS_S else []
    found["complaints"] += late
    return {**found, "kills": kills, "slowest_other_s": round(slowest, 1)}


async def _spell(stage: Telling) -> float:
    """Return the seconds until the last of the others was told."""
    clients = stage.newcomers()
    victims = dict(zip(WRONGS, clients, strict=False))
    scripted = [(w, c) for w, c in victims.items() if w.fault != NOBODY]
    await stage.fault(*(_fault(wrong, client) for wrong, client in scripted))
    strange = {c.manager: f"{NOBODY}{c.number}" for w, c in victims.items() if w.fault == NOBODY}
    began, before = time(), len(await stage.journal())
    await stage.spell(strange)
    for wrong, client in victims.items():
        if not wrong.told:
            to = client.manager if wrong.channel == "wecom" else client.mobile
            stage.wanted.discard((client.code, 1, wrong.channel, to))
    await stage.settle()
    healthy = {client.code for client in clients[len(WRONGS) :]}
    told = [e for e in (await stage.journal())[before:] if e["outcome"] == "delivered"]
    walls = [e["wall"] for e in told if (code := CODE.search(e["text"])) and code[1] in healthy]
    return float(max(walls)) - began


def _fault(wrong: Wrong, client: Client) -> dict[str, Any]:
    to = client.manager if wrong.channel == "wecom" else client.mobile
    value = {} if wrong.value is None else {"value": wrong.value}
    return {"match": {"channel": wrong.channel, "to": to}, "fault": wrong.fault, **value}
