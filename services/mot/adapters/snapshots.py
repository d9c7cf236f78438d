"""``mot.state.v1``: each day's changed states and the rules' changes, acknowledged before the checkpoint."""  # noqa: E501

from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from services.mot.memories import place_name, rules_applied
from services.mot.rulebook import InForce
from shared.clock import Clock, WallClock
from shared.contracts.states import AccountRemembered, DayRemembered
from shared.contracts.topics import STATE
from shared.settings import KafkaSettings
from shared.streams.publish import Record, producer, publish

AT_ONCE = 5_000  # records in flight: a day's close has as many as there are accounts


class StateTopic:
    """Publishes through one idempotent producer, which lives from ``start`` to ``stop``."""

    def __init__(self, kafka: KafkaSettings, clock: Clock | None = None) -> None:
        self._kafka, self._clock = kafka, clock or WallClock()

    async def start(self) -> None:
        """Connect; the producer belongs to the running loop."""
        self._producer: AIOKafkaProducer = producer(self._kafka)
        await self._producer.start()

    async def stop(self) -> None:
        """Flush and disconnect."""
        await self._producer.stop()

    async def remembered(
        self, states: Sequence[AccountRemembered], days: Sequence[DayRemembered]
    ) -> None:
        """Send the states, and when they are all there, that the days are in."""
        for start in range(0, len(states), AT_ONCE):
            some = states[start : start + AT_ONCE]
            await publish(self._producer, [_record(s, s.data.partition) for s in some])
        await publish(self._producer, [_record(day, day.data.partition) for day in days])

    async def applied(self, rules: InForce, partition: int, after: int) -> None:
        """Send from where on these rules watch a partition."""
        event = rules_applied(rules, partition, after, self._clock.now())
        record = Record(STATE.name, place_name(partition).encode(), event.encode(), partition)
        await publish(self._producer, [record])


def _record(event: AccountRemembered | DayRemembered, partition: int) -> Record:
    return Record(STATE.name, event.subject.encode(), event.encode(), partition)
