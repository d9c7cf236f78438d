"""M3 · 热点账户 · half of all events are one account's; the others must not wait for it.

The load alternates between even and hot. Latency is from an event in Kafka to its alert in Kafka,
by the two records' own times (ms), of every alert of the other accounts.
"""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from time import time
from typing import Any, NamedTuple

import msgspec

from shared.contracts.topics import ACCOUNT, ALERT
from tests.fault.asked import Asked
from tests.fault.stage import Plan, Stage, staged
from tests.fault.workload import BROKER
from tests.kit.topic import read_all

KILLS, PIECE = 3, 3  # hot spells, each after an even one
HOT, PACE, SPELL_S = 0.5, 300, 10.0
LIMIT = 2.0
FEWEST = 100  # alerts of a spell, or its 99th percentile means nothing


class Spell(NamedTuple):
    """A time of even or hot load, in ms of the machine's clock."""

    hot: bool
    began: float
    ended: float


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Return the 99th percentiles of the others, each the median of its spells, and their ratio."""
    spells: list[Spell] = []
    async with staged(asked, folder, Plan(pace=PACE)) as stage:
        hot_key = f"{BROKER}:{stage.stream.work.accounts[0]}"
        await stage.moves_on()
        while len(spells) < 2 * asked.kills and not asked.over():
            spells += [await _spell(stage, 0.0), await _spell(stage, HOT)]
        stage.stream.work.hot = 0.0
        found = await stage.verdict()
        waits = await _latencies(stage.stores.kafka, hot_key)
    p99 = {hot: _p99(waits, [s for s in spells if s.hot is hot]) for hot in (False, True)}
    ratio = round(p99[True] / max(p99[False], 1.0), 2)
    slow = ratio > LIMIT
    complaints = [f"the others' p99 is {ratio} times as long"] if slow else []
    figures = {"p99_even_ms": p99[False], "p99_hot_ms": p99[True], "p99_ratio": ratio}
    return {**found, **figures, "kills": len(spells) // 2, "complaints": complaints}


async def _spell(stage: Stage, hot: float) -> Spell:
    stage.stream.work.hot = hot
    began = time()
    await asyncio.sleep(SPELL_S)
    return Spell(hot > 0, began * 1000, time() * 1000)


async def _latencies(brokers: str, hot_key: str) -> list[tuple[float, float]]:
    """Return (when the event was published, ms until its alert) of all accounts but the hot one."""
    told = {(r.partition, r.offset): r.timestamp for r in await read_all(brokers, ACCOUNT.name)}
    found: list[tuple[float, float]] = []
    for alert in await read_all(brokers, ALERT.name):
        passport = msgspec.json.decode(alert.value)["data"]["passport"]
        began = told[passport["partition"], passport["offset"]]
        if alert.key != hot_key.encode():
            found.append((began, alert.timestamp - began))
    return found


def _p99(waits: Iterable[tuple[float, float]], spells: Sequence[Spell]) -> float:
    """Return the median of the spells' 99th percentiles."""
    every = list(waits)
    return median(_of(every, spell) for spell in spells)


def _of(waits: list[tuple[float, float]], spell: Spell) -> float:
    inside = sorted(wait for began, wait in waits if spell.began <= began < spell.ended)
    assert len(inside) >= FEWEST, f"{len(inside)} alerts are too few to tell"
    return inside[len(inside) * 99 // 100]
