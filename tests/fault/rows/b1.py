"""B1 · 打死首领 · of three brokers a partition's leader is killed with -9, then the next one."""

import asyncio
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from deploy.embedded.ports import Ports
from shared.contracts.topics import ACCOUNT, ALERT, PARTITIONS
from tests.fault.asked import Asked
from tests.fault.cluster import NODES, Cluster, replicas
from tests.fault.stage import Plan, Stage, staged
from tests.kit.eventually import eventually

KILLS, PIECE = 5, 5
CHASED = 0  # the partition whose leader is hunted
SESSION_S = 10.0


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Kill the leader, wait for another one and for progress, start it again, wait for its sync."""
    kills = remained = 0
    slowest = 0.0
    cluster = Cluster(folder / "state", Ports.free())
    plan = Plan(session=SESSION_S, stores=lambda _: cluster)
    async with staged(asked, folder, plan) as stage:
        while kills < asked.kills and not asked.over():
            await stage.moves_on()
            leader = await _leader(stage)
            sent, began = stage.stream.sent, monotonic()
            cluster.brokers[leader].kill()
            await eventually(partial(_another, stage, leader), within=60)
            await stage.moves_on(within=120)
            slowest = max(slowest, monotonic() - began)
            cluster.brokers[leader].start()
            await asyncio.to_thread(cluster.brokers[leader].wait_ready)
            await eventually(partial(_in_sync, stage), within=120)
            remained += stage.stream.sent > sent
            kills += 1
        found = await stage.verdict()
    idle = kills - remained
    complaints = [f"{idle} kills with nothing to do"] if idle else []
    counts = {"kills": kills, "work_remained": remained, "slowest_recovery_s": round(slowest, 1)}
    return {**found, **counts, "complaints": complaints}


async def _leader(stage: Stage) -> int:
    async def ask() -> int:
        known = (await replicas(stage.stores.kafka, ACCOUNT.name)).get(CHASED)
        return known.leader if known else 0

    return await eventually(ask, within=60)


async def _another(stage: Stage, old: int) -> bool:
    known = await replicas(stage.stores.kafka, ACCOUNT.name)
    return len(known) == PARTITIONS and all(r.leader not in (-1, old) for r in known.values())


async def _in_sync(stage: Stage) -> bool:
    """Ask whether every partition of the topics that matter has all its replicas again."""
    for topic in (ACCOUNT.name, ALERT.name):
        known = await replicas(stage.stores.kafka, topic)
        if len(known) < PARTITIONS or any(r.in_sync < NODES for r in known.values()):
            return False
    return True
