"""``python -m shared.streams.declare BROKERS``: create the missing topics, check the others."""

import asyncio
import sys
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from shared.contracts.topics import TOPICS, Topic

DAY_MS = 24 * 3600 * 1000


class WrongTopic(RuntimeError):
    """A topic cannot be made, or has another partition count: keyed order would break."""


def _new(topic: Topic, replicas: int) -> NewTopic:
    keep = -1 if topic.retention_days is None else topic.retention_days * DAY_MS
    policy = {"cleanup.policy": "compact"} if topic.compacted else {"retention.ms": str(keep)}
    return NewTopic(topic.name, topic.partitions, replicas, topic_configs=policy)


def _raise_refused(answers: list[tuple[Any, ...]]) -> None:
    for name, code, *why in answers:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise WrongTopic(f"{name} was not made: {why[0] if why else code}")


async def declare(brokers: str, replicas: int = 1) -> None:
    """Create what is missing; refuse to go on when a partition count differs."""
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [topic for topic in TOPICS if topic.name not in existing]
        if missing:
            answer = await admin.create_topics([_new(topic, replicas) for topic in missing])
            _raise_refused(answer.topic_errors)
        present = [topic for topic in TOPICS if topic.name in existing]
        for found in await admin.describe_topics([topic.name for topic in present]):
            wanted = next(t for t in present if t.name == found["topic"]).partitions
            if len(found["partitions"]) != wanted:
                raise WrongTopic(
                    f"{found['topic']} has {len(found['partitions'])} partitions, not {wanted}"
                )
    finally:
        await admin.close()


if __name__ == "__main__":
    asyncio.run(declare(sys.argv[1]))
