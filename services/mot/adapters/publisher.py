"""Alerts and dead letters to Kafka, each acknowledged before the checkpoint is written."""

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from services.mot.domain.reading import Unreadable
from shared.contracts.alerts import AlertEvent
from shared.contracts.topics import ALERT
from shared.observability.metrics import ALERTS_PUBLISHED, RECORDS_UNREADABLE
from shared.settings import KafkaSettings
from shared.streams.deadletters import letter
from shared.streams.publish import Record, producer, publish


class Publisher:
    """Publishes through one idempotent producer, which lives from ``start`` to ``stop``."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka

    async def start(self) -> None:
        """Connect; the producer belongs to the running loop."""
        self._producer: AIOKafkaProducer = producer(self._kafka)
        await self._producer.start()

    async def stop(self) -> None:
        """Flush and disconnect."""
        await self._producer.stop()

    async def __call__(
        self, alerts: Sequence[AlertEvent], letters: Sequence[tuple[Any, Unreadable]]
    ) -> None:
        """Send all and wait for the acknowledgements."""
        records = [Record(ALERT.name, a.subject.encode(), a.encode()) for a in alerts]
        await publish(self._producer, records + [_buried(*pair) for pair in letters])
        for alert in alerts:
            ALERTS_PUBLISHED.labels(alert.data.rule, alert.type).inc()
        RECORDS_UNREADABLE.inc(len(letters))


def _buried(record: Any, error: Unreadable) -> Record:
    origin = {
        "origin-topic": record.topic,
        "origin-partition": str(record.partition),
        "origin-offset": str(record.offset),
        "reason": str(error),
    }
    return letter(record.topic, record.key, record.value or b"", origin)
