"""M1 · 毒记录 · what is no event goes to the dead letters, in order, and the partition goes on."""

import asyncio
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts.topics import ACCOUNT
from tests.fault.asked import Asked
from tests.fault.letters import Place, judge_letters
from tests.fault.poison import HUGE, KINDS, Poison, poisoned
from tests.fault.stage import Plan, Stage, staged
from tests.fault.workload import Mix
from tests.kit.topic import read_all

KILLS, PIECE = 120, 120  # poisonous records
PACE, PAUSE_S = 400, 0.25


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Send one of each kind in turn among good records, then compare the dead letters with them."""
    sent: dict[Place, Poison] = {}
    async with staged(asked, folder, Plan(pace=PACE, mix=Mix(poison=0.0))) as stage:
        await _let_the_huge_in(stage)
        while len(sent) < asked.kills and not asked.over():
            kind = KINDS[len(sent) % len(KINDS)]
            account = asked.chance.choice(stage.stream.work.accounts)
            poison = poisoned(kind, stage.stream.work, account)
            found = await stage.stream.send_as_is(ACCOUNT.name, poison.key, poison.value)
            sent[found.partition, found.offset] = poison
            await asyncio.sleep(PAUSE_S)
        await stage.end_stream()
        letters = await read_all(stage.stores.kafka, ACCOUNT.dead_letters.name)
        found = await stage.verdict()
    judged, complaints = judge_letters(letters, sent)
    return {**found, **judged, "kills": len(sent), "complaints": complaints}


async def _let_the_huge_in(stage: Stage) -> None:
    """Kafka takes no record above 1 MiB unless somebody has raised the limit."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.stores.kafka)
    await admin.start()
    try:
        limit = {"max.message.bytes": str(2 * HUGE)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, ACCOUNT.name, limit)])
    finally:
        await admin.close()
