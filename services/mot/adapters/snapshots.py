"""``mot.state.v1``: each day's changed states and the rules' changes, before the checkpoint."""

from collections.abc import Sequence
from itertools import islice

from services.mot.memories import Kept, day_remembered, remembered, rules_applied
from services.mot.partition import Closing
from shared.clock import Clock, WallClock
from shared.contracts.topics import STATE
from shared.settings import KafkaSettings
from shared.streams.publish import Record, Sender

AT_ONCE = 2_000  # states made and sent before others have their turn: a day has as many as accounts


class StateTopic:
    """Publishes what a rebuild and a replay need; any error of the producer ends the process."""

    def __init__(self, kafka: KafkaSettings, clock: Clock | None = None) -> None:
        self._publish, self._clock = Sender(kafka), clock or WallClock()

    async def stop(self) -> None:
        """Flush and disconnect."""
        await self._publish.stop()

    async def closed(self, days: Sequence[Closing]) -> None:
        """Send each day's states, and when they are all there, that the day is in."""
        for day in days:
            states = remembered(day)
            while some := list(islice(states, AT_ONCE)):
                await self._send(some, day.partition)
            await self._send([day_remembered(day)], day.partition)

    async def applied(self, stamp: str, partition: int, after: int) -> None:
        """Send from where on these rules watch a partition."""
        await self._send([rules_applied(stamp, partition, after, self._clock.now())], partition)

    async def _send(self, kept: Sequence[Kept], partition: int) -> None:
        records = [Record(STATE.name, k.key.encode(), k.value, partition) for k in kept]
        await self._publish(records)
