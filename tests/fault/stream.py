"""The account stream of a row: published at a steady pace, what was acknowledged is the truth."""

import asyncio
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.streams.publish import Record, publish
from tests.fault.workload import Workload
from tests.kit.eventually import eventually

CHUNK = 10  # events sent together
PATIENCE_MS = 120_000  # a broker may be down; nothing may be given up, or the truth is not known


class Stream:
    """Publishes a workload until it is over; ``sent`` counts records that Kafka acknowledged."""

    def __init__(self, brokers: str, work: Workload, pace: int) -> None:
        self._brokers, self.work, self._pace = brokers, work, pace
        self.sent, self.over = 0, False
        self._sending = asyncio.Lock()

    async def start(self) -> None:
        self._sender = AIOKafkaProducer(
            bootstrap_servers=self._brokers,
            enable_idempotence=True,
            acks="all",
            linger_ms=2,
            request_timeout_ms=PATIENCE_MS,
            max_request_size=16 * 1024 * 1024,
        )
        await self._sender.start()

    async def stop(self) -> None:
        await self._sender.stop()

    async def flow(self) -> None:
        """Publish ``pace`` events a second until it is over."""
        records, began, made = self.work.records(), monotonic(), 0
        while not self.over:
            await self.send(_some(records))
            made += CHUNK
            ahead = began + made / self._pace - monotonic()
            began = began if ahead > -1 else monotonic() - made / self._pace  # no rush afterwards
            await asyncio.sleep(max(0.0, ahead))

    async def send(self, records: Sequence[Record]) -> None:
        """Publish some records in order."""
        async with self._sending:
            await publish(self._sender, records)
            self.sent += len(records)

    async def send_as_is(self, topic: str, key: bytes | None, value: bytes | None) -> Any:
        """Publish what no producer of ours would, and return where it stands."""
        async with self._sending:
            found = await self._sender.send_and_wait(topic, value, key)
            self.sent += 1
            return found

    async def goes_on(self, records: int = 40) -> None:
        """Wait until so many records more are in Kafka."""
        goal = self.sent + records

        async def ask() -> bool:
            return self.over or self.sent >= goal

        await eventually(ask)

    async def tick(self) -> None:
        """Publish one minute of the clock."""
        await self.send(self.work.tick())


def _some(records: Iterator[list[Record]]) -> list[Record]:
    return [record for _ in range(CHUNK) for record in next(records)]
