"""``python -m services.mot``: run; ``… rebuild``: make the state anew from the log, silently."""

import asyncio
import os
import sys
import threading
from typing import Any

import faust
import redis.asyncio as redis
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.mot.adapters.checkpoint import Checkpoints
from services.mot.app import create_app
from services.mot.rules import WrongRules, read_rules
from services.mot.settings import Settings
from shared.contracts.topics import ACCOUNT, ALERT, RULE, STATE
from shared.observability.logging import configure, logger
from shared.settings import CONFIG_ERROR, read

DRAIN_SECONDS = 25


class Worker(faust.Worker):
    """Faust's worker, which ends within ``DRAIN_SECONDS`` of SIGTERM whatever hangs."""

    def _schedule_shutdown(self, signal: Any) -> None:
        deadline = threading.Timer(DRAIN_SECONDS, os._exit, (75,))
        deadline.daemon = True
        deadline.start()
        super()._schedule_shutdown(signal)

    def on_setup_root_logger(self, *_: Any) -> None:
        """Logging is ours and configured already."""


async def missing_topics(brokers: str) -> list[str]:
    """Return the topics that mot needs and the cluster lacks (Faust would wait for ever)."""
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
    finally:
        await admin.close()
    needed = (ACCOUNT.name, ACCOUNT.dead_letters.name, ALERT.name, RULE.name, STATE.name)
    return [name for name in needed if name not in existing]


async def rebuild(settings: Settings) -> None:
    """Forget every partition's state; the next start reads the log again, silent up to the commit.

    Stop every mot worker first. What the log no longer holds (retention) is not rebuilt.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.brokers, group_id="mot")
    await consumer.start()
    valkey = redis.from_url(settings.valkey.url.get_secret_value())
    try:
        for number in range(ACCOUNT.partitions):
            commit = await consumer.committed(TopicPartition(ACCOUNT.name, number))
            await Checkpoints(valkey).forget(number, commit or 0)
    finally:
        await valkey.aclose()
        await consumer.stop()
    logger().info("state forgotten; start mot to read the log again", topic=ACCOUNT.name)


def main() -> int:
    """Run, or rebuild; a wrong setting or rule is one line and exit code 78."""
    configure("mot")
    settings = read(Settings)
    if sys.argv[1:] == ["rebuild"]:
        asyncio.run(rebuild(settings))
        return 0
    try:
        rules = read_rules(settings.rules)
    except (WrongRules, OSError) as error:
        logger().error("rules refused", reason=str(error))
        return CONFIG_ERROR
    if missing := asyncio.run(missing_topics(settings.kafka.brokers)):
        logger().error("topics missing: python -m shared.streams.declare", topics=missing)
        return CONFIG_ERROR
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = create_app(settings, rules)
    worker = Worker(app, loop=loop, loglevel="WARNING", quiet=True, override_logging=False)
    worker.execute_from_commandline()
    return 0


if __name__ == "__main__":
    sys.exit(main())
