"""Kafka's coordinator of groups, which a new cluster begins with the first one that asks."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import ACCOUNT

PATIENCE = 90  # seconds


async def await_coordinator(brokers: str, group: str) -> None:
    """Return once Kafka keeps the group.

    Faust's worker has been seen waiting for ever when it was the first to ask.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers, group_id=group)
    async with asyncio.timeout(PATIENCE):
        await consumer.start()
        try:
            await consumer.committed(TopicPartition(ACCOUNT.name, 0))
        finally:
            await consumer.stop()
