"""A counter's pushes over HTTP, and the same records stored and sent without any of our checks."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from time import perf_counter

import asyncpg
import httpx
import msgspec
from aiokafka import AIOKafkaProducer

from bench.verdict import Refused
from shared.contracts.event import BATCH_CONTENT_TYPE
from shared.contracts.topics import ACCOUNT, PARTITIONS
from shared.settings import KafkaSettings
from shared.streams.publish import EVENT_HEADERS, partition_of, producer

CONNECTIONS = 4
BARE = "bare"


async def push(url: str, key: str, batches: Sequence[bytes], seconds: float) -> float:
    """Return events/s: accepted with 202, that is on disk, until the time is up."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": BATCH_CONTENT_TYPE}
    waiting, accepted = iter(batches), 0
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
        began = perf_counter()

        async def feed() -> None:
            nonlocal accepted
            for body in waiting:
                answer = await client.post("/v1/events", content=body)
                if answer.status_code != httpx.codes.ACCEPTED or answer.json()["refused"]:
                    raise Refused(f"{answer.status_code}: {answer.text[:200]}")
                accepted += answer.json()["accepted"]
                if perf_counter() - began >= seconds:
                    return

        await asyncio.gather(*(feed() for _ in range(CONNECTIONS)))
        took = perf_counter() - began
    if took < seconds:
        raise Refused("the pushes ended before the time")
    return accepted / took


class Bare:
    """COPY into a table of the same columns, and a send that is acknowledged: nothing else."""

    def __init__(self, dsn: str, kafka: str) -> None:
        self._dsn, self._kafka = dsn.replace("+asyncpg", ""), kafka

    async def store(self, batches: Sequence[bytes], seconds: float) -> float:
        """Return events/s that are on disk and in Kafka when the time is up."""
        pool = await asyncpg.create_pool(self._dsn, min_size=CONNECTIONS, max_size=CONNECTIONS)
        sender = producer(KafkaSettings(brokers=self._kafka))
        await sender.start()
        try:
            await pool.execute("DROP TABLE IF EXISTS bare")
            await pool.execute("CREATE TABLE bare (source text, id text, key text, body bytea)")
            return await self._run(pool, sender, batches, seconds)
        finally:
            await sender.stop()
            await pool.close()

    async def _run(
        self, pool: asyncpg.Pool, sender: AIOKafkaProducer, batches: Sequence[bytes], seconds: float
    ) -> float:
        waiting, done, began = iter(batches), 0, perf_counter()

        async def feed() -> None:
            nonlocal done
            for body in waiting:
                raws = msgspec.json.decode(body, type=list[msgspec.Raw])
                events = [(msgspec.json.decode(raw, type=_Head), bytes(raw)) for raw in raws]
                rows = [(e.source, e.id, e.subject, raw) for e, raw in events]
                async with pool.acquire() as connection:
                    await connection.copy_records_to_table(BARE, records=rows)
                await _send(sender, events)
                done += len(events)
                if perf_counter() - began >= seconds:
                    return

        await asyncio.gather(*(feed() for _ in range(CONNECTIONS)))
        return done / (perf_counter() - began)


class _Head(msgspec.Struct):
    id: str
    source: str
    subject: str


async def _send(sender: AIOKafkaProducer, events: list[tuple[_Head, bytes]]) -> None:
    lanes: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    for head, raw in events:
        key = head.subject.encode()
        lanes[partition_of(key, PARTITIONS)].append((key, raw))
    sent = []
    for partition, records in lanes.items():
        batch = sender.create_batch()
        for key, raw in records:
            batch.append(timestamp=None, key=key, value=raw, headers=list(EVENT_HEADERS))
        batch.close()
        sent.append(await sender.send_batch(batch, ACCOUNT.name, partition=partition))
    await asyncio.gather(*sent)
