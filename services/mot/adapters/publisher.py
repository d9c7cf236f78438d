"""Alerts and dead letters to Kafka, each acknowledged before the checkpoint is written."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from services.mot.partition import Letter
from services.mot.version import code_version
from shared.clock import Clock, WallClock
from shared.contracts.alerts import AlertEvent
from shared.contracts.topics import ACCOUNT, ALERT
from shared.observability.metrics import ALERTS_PUBLISHED, RECORDS_UNREADABLE
from shared.settings import KafkaSettings
from shared.streams.deadletters import letter
from shared.streams.publish import EVENT_HEADERS, Headers, Record, Sender


class Publisher:
    """Publishes what a batch raises; any error of the producer ends the process."""

    def __init__(self, kafka: KafkaSettings, clock: Clock | None = None) -> None:
        self._send, self._clock = Sender(kafka), clock or WallClock()

    async def stop(self) -> None:
        """Flush and disconnect."""
        await self._send.stop()

    async def __call__(
        self, partition: int, alerts: Sequence[AlertEvent], letters: Sequence[Letter]
    ) -> None:
        """Send all and wait for the acknowledgements.

        The topics have as many partitions as the accounts', and the keys are the same, so what a
        partition's records raise belongs on the partition of the same number.
        """
        told = [
            Record(ALERT.name, a.subject.encode(), a.encode(), partition, self._headers(a))
            for a in alerts
        ]
        await self._send(told)
        await self._send([_buried(partition, *one) for one in letters])
        for alert in alerts:
            ALERTS_PUBLISHED.labels(alert.data.rule, alert.type).inc()
        RECORDS_UNREADABLE.inc(len(letters))

    def _headers(self, alert: AlertEvent) -> Headers:
        """Return what differs between two runs of the same log, and so is not in the body."""
        trace = uuid5(NAMESPACE_OID, alert.data.passport.event_id).hex
        return (
            *EVENT_HEADERS,
            ("code-version", code_version().encode()),
            ("processed-at", self._clock.now().isoformat().encode()),
            ("traceparent", f"00-{trace}-{UUID(alert.id).hex[:16]}-01".encode()),
        )


def _buried(partition: int, record: Any, reason: Exception) -> Record:
    origin = {
        "origin-topic": ACCOUNT.name,
        "origin-partition": str(partition),
        "origin-offset": str(record.offset),
        "reason": str(reason),
    }
    made = letter(ACCOUNT.name, record.key, record.value or b"", origin)
    return made._replace(partition=partition)
