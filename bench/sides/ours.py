"""观潮: mot's own feed, lanes and fenced checkpoint in Valkey, around the workload's fold.

A batch is folded in memory, its alerts are sent and acknowledged, then the touched states and the
watermark are written in one script; only then does it count.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

import faust
import msgspec
import redis.asyncio as redis

from bench.task import Claim, Stopwatch, Task, say, side
from bench.workloads.work import Work as Fold
from bench.works import WORKS
from services.mot.adapters.batch_feed import Signals, Untouched, feed
from services.mot.adapters.checkpoint import Checkpoints, Layout, Taken
from services.mot.agent import Batch
from services.mot.partition import Advance, Partition
from services.mot.worker import Work, Worker
from shared.settings import KafkaSettings
from shared.streams.publish import Record, producer, publish

FAILED = 70


class Kept(msgspec.Struct, array_like=True):
    """A workload's state as the checkpoint stores it."""

    state: Any


_pack, _unpack = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(Kept).decode
LAYOUT = Layout(1, lambda state: _pack(Kept(state)), lambda raw: tuple(_unpack(raw).state))


class Folding:
    """The workload in the place of mot's detectors: records in, alerts and touched states out."""

    def __init__(self, work: Fold, watch: Stopwatch, out: str) -> None:
        self._work, self._watch, self._out = work, watch, out

    def __call__(self, mine: Partition, records: Sequence[Any]) -> Batch:
        self._watch.start()
        batch, parse, step = Batch(), self._work.parse, self._work.step
        states: dict[str, Any] = mine.accounts
        touched: dict[str, Any] = batch.touched
        told: list[Any] = batch.alerts
        for record in records:
            key, event = parse(record.key, record.value)
            states[key], alerts = step(states.get(key), event)  # type: ignore[index, arg-type]
            touched[key] = states[key]  # type: ignore[index]
            for alert in alerts:
                told.append(Record(self._out, record.key, alert))
        batch.watched = len(records)
        return batch


class Sender:
    """The product's producer; a batch's alerts are acknowledged before its checkpoint."""

    def __init__(self, brokers: str) -> None:
        self._kafka = KafkaSettings(brokers=brokers)

    async def start(self) -> None:
        """Connect; the producer belongs to the running loop."""
        self._producer = producer(self._kafka)
        await self._producer.start()

    async def __call__(self, partition: int, alerts: Sequence[Any], letters: Sequence[Any]) -> None:
        """Send all and wait for the acknowledgements."""
        await publish(self._producer, alerts)


class Counted(Checkpoints):
    """The product's checkpoints; records count once they are written."""

    watch: Stopwatch
    over: asyncio.Event

    async def write(
        self, partition: int, taken: Taken, done: Advance, touched: Mapping[str, Any]
    ) -> Taken:
        """Write, then count."""
        written = await super().write(partition, taken, done, touched)
        self.watch.add(done.last - done.first + 1)
        if self.watch.over:
            self.over.set()
        return written


def create_app(task: Task) -> faust.App:
    """Return mot's own wiring around another fold."""
    watch, sender = Stopwatch(task), Sender(task.brokers)
    valkey = redis.from_url(task.valkey)
    checkpoints = Counted(valkey, task.group, LAYOUT)
    checkpoints.watch, checkpoints.over = watch, asyncio.Event()

    folding = Folding(WORKS[task.work], watch, task.out)
    worker = Worker(Work(folding), checkpoints, sender, fail)
    app = faust.App(
        task.group,
        broker=f"kafka://{task.brokers}",
        store="memory://",
        datadir=task.folder,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        broker_session_timeout=10.0,
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="earliest",
    )
    feed(app, task.topic, worker, Signals(lambda: None, fail))
    topic = app.topic(task.topic, schema=Untouched(), partitions=task.partitions)

    async def end() -> None:
        await checkpoints.over.wait()
        await worker.settle()
        say(task, await claim(task, watch, valkey))
        os._exit(0)

    @app.agent(topic)
    async def _watch(stream: Any) -> None:
        await sender.start()
        ending = asyncio.create_task(end())
        async for batch in stream:
            worker.put(batch)
        ending.cancel()

    return app


async def claim(task: Task, watch: Stopwatch, valkey: redis.Redis) -> Claim:
    """Say how far the checkpoint has come and what it holds."""
    positions: dict[int, int] = {}
    totals: dict[str, tuple[int, int]] = {}
    for number in range(task.partitions):
        meta, accounts = (f"{task.group}:{{{number}}}:{name}" for name in ("meta", "accounts"))
        positions[number] = int(await valkey.hget(meta, "offset") or -1) + 1
        if task.work == "w1":
            stored = await valkey.hgetall(accounts)
            totals |= {_bytes(k).decode(): LAYOUT.unpack(_bytes(raw)) for k, raw in stored.items()}
    return Claim(records=watch.records, seconds=watch.seconds, positions=positions, totals=totals)


def _bytes(value: bytes | str) -> bytes:
    """Narrow what the client's types leave open; it is never asked to decode responses."""
    return value if isinstance(value, bytes) else value.encode()


def fail(error: Exception) -> None:
    """End the process, as the product does."""
    print(f"{type(error).__name__}: {error}", flush=True)
    os._exit(FAILED)


def drain(task: Task) -> Claim:
    """Run until the time is up; the process ends inside."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = create_app(task)
    worker = faust.Worker(app, loop=loop, loglevel="WARNING", quiet=True)
    worker.execute_from_commandline()
    raise RuntimeError("the worker ended before the time was up")


if __name__ == "__main__":
    side(drain)
