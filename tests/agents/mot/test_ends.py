"""Where the owned logs end: what the watchdog and the lag are told, between assignments too."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import faust
from aiokafka.errors import KafkaTimeoutError

from services.mot.app import Ends
from services.mot.liveness import Place
from services.mot.partition import Partition
from services.mot.worker import Worker


class Kafka:
    """The app and its consumer at once: what was fetched, what Kafka says when asked."""

    def __init__(self) -> None:
        self.rebalancing = False
        self.fetched: dict[int, int] = {}
        self.asked: dict[int, int] | None = {}
        self.consumer = self

    def highwater(self, tp: Any) -> int | None:
        assert tp.partition in self.fetched, "Partition is not assigned"
        return self.fetched[tp.partition]

    async def highwaters(self, *tps: Any) -> Mapping[Any, int]:
        if self.asked is None:
            raise KafkaTimeoutError
        return {tp: self.asked[tp.partition] for tp in tps}


def ends(kafka: Kafka, watermarks: dict[int, int]) -> Ends:
    owned = {n: Partition(n, at, "", {}) for n, at in watermarks.items()}
    worker = SimpleNamespace(owned=owned, ready=True)
    return Ends(cast(faust.App, kafka), cast(Worker, worker))


async def test_an_end_that_was_asked_tells_of_records_that_nobody_fetches() -> None:
    kafka = Kafka()
    kafka.fetched, kafka.asked = {3: 10, 4: 25}, {3: 40, 4: 20}
    looked = ends(kafka, {3: 9, 4: 24})
    assert looked.places() == {3: Place(9, 10), 4: Place(24, 25)}
    assert looked.lag() == 0
    await looked.ask()
    assert looked.places() == {3: Place(9, 40), 4: Place(24, 25)}
    assert looked.lag() == 30


async def test_a_partition_that_is_not_assigned_yet_has_no_end_and_is_behind() -> None:
    looked = ends(Kafka(), {3: 9})
    assert (looked.places(), looked.lag()) == ({3: Place(9, None)}, 1)


async def test_during_a_rebalance_nothing_is_known() -> None:
    kafka = Kafka()
    kafka.rebalancing, kafka.fetched = True, {3: 40}
    looked = ends(kafka, {3: 9})
    await looked.ask()
    assert (looked.places(), looked.lag()) == ({}, 1)


async def test_a_kafka_that_does_not_answer_is_asked_again() -> None:
    kafka = Kafka()
    kafka.fetched, kafka.asked = {3: 40}, None
    looked = ends(kafka, {3: 9})
    await looked.ask()
    assert looked.places() == {3: Place(9, 40)}
