"""Faust 0.15 as documented: an agent, one event at a time, and a table with its changelog.

``use_partitioner`` because the topic is keyed by another producer; tables in memory, its faster
store; alerts sent as its documentation sends them.
"""

import asyncio
import os
from typing import Any

import faust

from bench.task import Claim, Stopwatch, Task, say, side
from bench.works import WORKS


def create_app(task: Task) -> faust.App:
    work, watch = WORKS[task.work], Stopwatch(task)
    app = faust.App(
        task.group,
        broker=f"kafka://{task.brokers}",
        store="memory://",
        datadir=task.folder,
        web_enabled=False,
        topic_partitions=task.partitions,
        topic_replication_factor=1,
        table_standby_replicas=0,
        consumer_auto_offset_reset="earliest",
    )
    source = app.topic(task.topic, key_type=str, value_serializer="raw")
    sink = app.topic(task.out, key_type=str, value_serializer="raw")
    table = app.Table("sums", partitions=task.partitions, use_partitioner=True)
    positions: dict[int, int] = {}

    async def end() -> None:
        await app.producer.flush()
        totals = {str(key): (state[0], state[1]) for key, state in table.items()}
        done = Claim(
            records=watch.records, seconds=watch.seconds, positions=positions, totals=totals
        )
        say(task, done)
        os._exit(0)

    @app.agent(source)
    async def _fold(stream: Any) -> None:
        async for event in stream.events():
            watch.one()
            key, read = work.parse(None, event.value)
            table[key], alerts = work.step(table.get(key), read)
            for alert in alerts:
                await sink.send(key=key, value=alert)
            positions[event.message.partition] = event.message.offset + 1
            if watch.over:
                await end()

    return app


def drain(task: Task) -> Claim:
    """Run until the time is up; the process ends inside."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = create_app(task)
    worker = faust.Worker(app, loop=loop, loglevel="ERROR", quiet=True)
    worker.execute_from_commandline()
    raise RuntimeError("the worker ended before the time was up")


if __name__ == "__main__":
    side(drain)
