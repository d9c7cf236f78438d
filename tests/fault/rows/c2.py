"""C2 · 时间不可能的事件 · an event far in the future or past is flagged and changes no account.

Flagged: it is in the dead letters with a reason, as a poisonous record is.
"""

import asyncio
from pathlib import Path
from typing import Any

from shared.contracts.topics import ACCOUNT
from tests.fault.asked import Asked
from tests.fault.letters import Place, judge_letters
from tests.fault.odd import KINDS, odd
from tests.fault.poison import Poison
from tests.fault.stage import Plan, staged
from tests.fault.workload import Mix
from tests.kit.topic import read_all

KILLS, PIECE = 60, 60  # events out of their time
PACE, PAUSE_S = 400, 0.25


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Send one of each kind in turn among good records; the oracle never hears of them."""
    sent: dict[Place, Poison] = {}
    async with staged(asked, folder, Plan(pace=PACE, mix=Mix(poison=0.0))) as stage:
        while len(sent) < asked.kills and not asked.over():
            account = asked.chance.choice(stage.stream.work.accounts)
            event = odd(KINDS[len(sent) % len(KINDS)], stage.stream.work, account)
            place = await stage.stream.send_as_is(ACCOUNT.name, event.key, event.value)
            sent[place.partition, place.offset] = event
            await asyncio.sleep(PAUSE_S)
        await stage.end_stream()
        letters = await read_all(stage.stores.kafka, ACCOUNT.dead_letters.name)
        found = await stage.verdict()
    judged, complaints = judge_letters(letters, sent)
    return {**found, **judged, "kills": len(sent), "complaints": complaints}
