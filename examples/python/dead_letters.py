"""List a topic's dead letters: where each came from and why it was refused; never its content.

    python examples/python/dead_letters.py 127.0.0.1:18010 futures.account.v1

Needs aiokafka alone. One line of JSON a letter; it reads to the end and stops.
"""

import argparse
import asyncio
import json

from aiokafka import AIOKafkaConsumer


async def letters(brokers: str, topic: str) -> None:
    """Print every letter that is in the topic now."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=brokers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        parts = sorted(consumer.assignment())
        if not parts:
            raise SystemExit(f"no such topic: {topic}")
        ends = await consumer.end_offsets(parts)
        for part in parts:
            while await consumer.position(part) < ends[part]:
                for record in (await consumer.getmany(part, timeout_ms=1000)).get(part, []):
                    told = {name: value.decode() for name, value in record.headers}
                    told |= {"letter": f"{part.partition}/{record.offset}"}
                    told |= {"bytes": str(len(record.value or b""))}
                    print(json.dumps(told, ensure_ascii=False))  # noqa: T201
    finally:
        await consumer.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("brokers", help="host:port, comma separated")
    parser.add_argument("topic", help="the topic whose letters are listed, without .dlq")
    given = parser.parse_args()
    asyncio.run(letters(given.brokers, f"{given.topic}.dlq"))
