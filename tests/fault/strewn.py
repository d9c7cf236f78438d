"""Records that belong into the dead letters, strewn among good ones one at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from shared.contracts.topics import ACCOUNT
from tests.fault.asked import Asked
from tests.fault.letters import Place, judge_letters
from tests.fault.poison import Poison
from tests.fault.stage import Plan, Stage, staged
from tests.fault.workload import Mix, Workload
from tests.kit.topic import read_all

PACE, PAUSE_S = 400, 0.25
Make = Callable[[str, Workload, str], Poison]
"""Makes a record of a kind, of an account."""


async def nothing(_: Stage) -> None:
    """Leave the stage as it is."""


async def strewn(
    asked: Asked,
    folder: Path,
    kinds: Sequence[str],
    make: Make,
    prepare: Callable[[Stage], Awaitable[None]] = nothing,
) -> dict[str, Any]:
    """Send one of each kind in turn; the oracle never hears of them. Return a row's verdict."""
    sent: dict[Place, Poison] = {}
    async with staged(asked, folder, Plan(pace=PACE, mix=Mix(poison=0.0))) as stage:
        await prepare(stage)
        while len(sent) < asked.kills and not asked.over():
            account = asked.chance.choice(stage.stream.work.accounts)
            bad = make(kinds[len(sent) % len(kinds)], stage.stream.work, account)
            place = await stage.stream.send_as_is(ACCOUNT.name, bad.key, bad.value)
            sent[place.partition, place.offset] = bad
            await asyncio.sleep(PAUSE_S)
        await stage.end_stream()
        letters = await read_all(stage.stores.kafka, ACCOUNT.dead_letters.name)
        found = await stage.verdict()
    judged, complaints = judge_letters(letters, sent)
    return {**found, **judged, "kills": len(sent), "complaints": complaints}
