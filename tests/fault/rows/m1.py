"""M1 · 毒记录 · what is no event goes to the dead letters, in order, and the partition goes on."""

from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts.topics import ACCOUNT
from tests.fault.asked import Asked
from tests.fault.poison import HUGE, KINDS, poisoned
from tests.fault.stage import Stage
from tests.fault.strewn import strewn

KILLS, PIECE = 120, 120  # poisonous records


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Send one of each kind in turn among good records, then compare the dead letters with them."""
    return await strewn(asked, folder, KINDS, poisoned, _let_the_huge_in)


async def _let_the_huge_in(stage: Stage) -> None:
    """Kafka takes no record above 1 MiB unless somebody has raised the limit."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.stores.kafka)
    await admin.start()
    try:
        limit = {"max.message.bytes": str(2 * HUGE)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, ACCOUNT.name, limit)])
    finally:
        await admin.close()
