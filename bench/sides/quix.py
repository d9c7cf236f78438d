"""Quix Streams 3.28: a stateful ``apply`` over a StreamingDataFrame, RocksDB with its changelog.

As its documentation has it: one process, commits every 5 s, at-least-once, bytes in and out; a
state read and written through the operator's ``State``. No setting was found that made it faster.
"""

from typing import Any

from quixstreams import Application
from quixstreams.state import State

from bench.task import Claim, Stopwatch, Task, side
from bench.works import WORKS


def drain(task: Task) -> Claim:
    work, watch = WORKS[task.work], Stopwatch(task)
    positions: dict[int, int] = {}
    parse, step, pack, unpack = work.parse, work.step, work.pack, work.unpack
    binary = task.work == "w2"

    def processed(_: str, partition: int, offset: int) -> None:
        positions[partition] = offset + 1
        if watch.over:
            app.stop()

    app = Application(
        broker_address=task.brokers,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        state_dir=f"{task.folder}/state",
        loglevel="ERROR",
        on_message_processed=processed,
        consumer_extra_config={"fetch.message.max.bytes": 4 * 1024 * 1024},
    )

    def mine(_: Any, key: bytes | None, *__: Any) -> bool:
        """What concerns everybody has no key, and no keyed operator of Quix can take it."""
        if key is None:
            watch.one()
        return key is not None

    def fold(value: bytes, key: bytes, _: int, __: Any, state: State) -> list[bytes]:
        watch.one()
        _key, event = parse(key, value)
        kept = state.get_bytes("s") if binary else state.get("s")
        after, alerts = step(None if kept is None else unpack(kept), event)
        if binary:
            state.set_bytes("s", pack(after))
        else:
            state.set("s", pack(after))
        return list(alerts)

    source = app.topic(task.topic, value_deserializer="bytes", key_deserializer="bytes")
    sink = app.topic(task.out, value_serializer="bytes", key_serializer="bytes")
    frame = app.dataframe(source)
    if binary:
        frame = frame.filter(mine, metadata=True)
    frame = frame.apply(fold, stateful=True, expand=True, metadata=True)
    frame.to_topic(sink)
    app.run()
    return Claim(records=watch.records, seconds=watch.seconds, positions=positions)


if __name__ == "__main__":
    side(drain)
