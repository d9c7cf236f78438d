"""M2 · 重复、乱序、整体重放 · a fifth of the events twice, late moments, the whole topic again."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.mot.settings import GROUP
from shared.contracts.topics import ACCOUNT, PARTITIONS
from shared.streams.publish import Record
from tests.fault.asked import Asked
from tests.fault.stage import Plan, Stage, staged
from tests.fault.workload import Mix
from tests.kit.eventually import eventually
from tests.kit.topic import read_all

KILLS, PIECE = 2, 1  # a replay each
FLOW_S = 12.0
MIX = Mix(repeated=0.1, again=0.1, late=30.0)


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Publish all records again behind themselves, then set the group back to offset 0."""
    replayed = 0
    async with staged(asked, folder, Plan(mix=MIX)) as stage:
        for _ in range(asked.kills):
            await asyncio.sleep(FLOW_S)
            replayed += await _published_again(stage)
        await stage.end_stream()
        await _set_back(stage)
        found = await stage.verdict()
    complaints = [] if replayed else ["there was nothing to replay"]
    repeats = {"replayed": replayed, "kills": asked.kills}
    return {**found, **repeats, "complaints": complaints}


async def _published_again(stage: Stage) -> int:
    """Send every record of the topic once more, each into its partition, in its order."""
    found = await read_all(stage.stores.kafka, ACCOUNT.name)
    again = [Record(ACCOUNT.name, r.key, r.value, r.partition) for r in found]
    for at in range(0, len(again), 500):
        await stage.stream.send(again[at : at + 500])
    return len(again)


async def _set_back(stage: Stage) -> None:
    """Commit offset 0 for every partition while nobody runs, as an operator's mistake would."""
    with stage.crew.hold(stage.worker):
        stage.worker.kill()
        await eventually(partial(_committed_nothing, stage), within=60, every=1.0)
        stage.worker.start()
        await stage.all_ready()


async def _committed_nothing(stage: Stage) -> bool:
    """Say 0 in the group's name; Kafka refuses while it believes that the dead worker lives."""
    parts = [TopicPartition(ACCOUNT.name, p) for p in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(bootstrap_servers=stage.stores.kafka, group_id=GROUP)
    await consumer.start()
    try:
        consumer.assign(parts)
        await consumer.commit(dict.fromkeys(parts, 0))
    except KafkaError:
        return False
    finally:
        await consumer.stop()
    return True
