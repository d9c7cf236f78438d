"""``python -m services.mot``: run; ``… rebuild`` is ``guanchao mot rebuild``."""

import asyncio
import os
import sys
import threading
from typing import Any

import faust
from aiokafka.admin import AIOKafkaAdminClient

from services.mot.app import create_app
from services.mot.commands import guanchao
from services.mot.rules import WrongRules, read_rules
from services.mot.settings import GROUP, Settings
from shared.calendars import calendar_at
from shared.contracts.topics import ACCOUNT, ALERT, RULE, STATE
from shared.observability.logging import configure, logger
from shared.settings import CONFIG_ERROR, read
from shared.streams.coordinator import await_coordinator

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


async def stand_by(brokers: str) -> list[str]:
    """Return the missing topics; with all of them there, once Kafka keeps groups."""
    missing = await missing_topics(brokers)
    if not missing:
        await await_coordinator(brokers, GROUP)
    return missing


def main() -> int:
    """Run, or rebuild; a wrong setting or rule is one line and exit code 78."""
    if sys.argv[1:] == ["rebuild"]:
        guanchao.app(["rebuild"])
    configure("mot")
    settings = read(Settings)
    try:
        rules = read_rules(settings.rules, calendar_at(settings.calendar))
    except (WrongRules, OSError) as error:
        logger().error("rules refused", reason=str(error))
        return CONFIG_ERROR
    if missing := asyncio.run(stand_by(settings.kafka.brokers)):
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
