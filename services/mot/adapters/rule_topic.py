"""``mot.rule.v1`` followed live by every worker: from its beginning, in no group."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.mot.rulebook import InForce, Rulebook
from services.mot.rules import WrongRules
from shared.contracts.topics import RULE
from shared.observability import metrics
from shared.observability.logging import logger
from shared.settings import KafkaSettings

_RULES = TopicPartition(RULE.name, 0)
WAIT_MS = 500


class RuleTopic:
    """Keeps a rulebook up to date from its first use to ``stop``.

    A version that is wrong is refused with its reason, counted, and changes nothing. ``failed`` is
    told when the topic cannot be read any more: a worker that does not hear of rules must not go
    on.
    """

    def __init__(
        self, kafka: KafkaSettings, book: Rulebook, failed: Callable[[Exception], None]
    ) -> None:
        self._kafka, self._book, self._failed = kafka, book, failed
        self._next = 0
        self._read = asyncio.Condition()
        self._starting = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def latest(self) -> InForce:
        """Return the rules that should be in force now."""
        return self._book.latest

    def resolve(self, stamp: str | None) -> InForce:
        """Return the rules that a stamp names."""
        return self._book.resolve(stamp)

    async def stop(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._consumer is not None:
            await self._consumer.stop()

    async def caught_up(self) -> None:
        """Return when everything that was published before this call has been read."""
        consumer = await self._started()
        end = (await consumer.end_offsets([_RULES]))[_RULES]
        async with self._read:
            await self._read.wait_for(lambda: self._next >= end)

    async def _started(self) -> AIOKafkaConsumer:
        async with self._starting:
            if self._consumer is None:
                consumer = AIOKafkaConsumer(
                    bootstrap_servers=self._kafka.brokers, auto_offset_reset="earliest"
                )
                await consumer.start()
                consumer.assign([_RULES])
                await consumer.seek_to_beginning(_RULES)
                self._consumer = consumer
                self._task = asyncio.create_task(self._follow(consumer))
        return self._consumer

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        try:
            while True:
                for records in (await consumer.getmany(timeout_ms=WAIT_MS)).values():
                    for record in records:
                        self._take(record)
                await self._tell(await consumer.position(_RULES))
        except Exception as error:
            self._failed(error)
            raise

    async def _tell(self, position: int) -> None:
        async with self._read:
            self._next = position
            self._read.notify_all()

    def _take(self, record: Any) -> None:
        try:
            rule = self._book.take(record.value)
        except WrongRules as refused:
            metrics.RULES_REFUSED.inc()
            logger().warning("rule refused", offset=record.offset, reason=str(refused))
            return
        for name, version in self._book.versions().items():
            metrics.RULE_VERSION.labels(name).set(version.number)
        logger().info("rule taken", rule=rule.rule, version=rule.version, enabled=rule.enabled)
