"""Bytewax 0.21: ``stateful_flat_map`` in its Rust engine, one worker, state in memory.

Without recovery, which is its fastest; ``batch_size`` 4,000 as the source's documentation advises
for throughput. The source ends when the time is up, so the dataflow drains and ends by itself.
"""

from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main

from bench.task import Claim, Stopwatch, Task, side
from bench.works import WORKS


class Timed(KafkaSource):  # type: ignore[misc] # the package is of the peers' environment
    """Bytewax's own source, until the time is up."""

    watch: Stopwatch

    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> Any:
        part = super().build_part(step_id, for_part, resume_state)
        fetch, watch = part.next_batch, self.watch

        def next_batch() -> Any:
            if watch.over:
                raise StopIteration
            return fetch()

        part.next_batch = next_batch
        return part


def drain(task: Task) -> Claim:
    work, watch = WORKS[task.work], Stopwatch(task)
    positions: dict[int, int] = {}
    parse, step = work.parse, work.step

    def keyed(message: Any) -> list[tuple[str, Any]]:
        positions[message.partition] = message.offset + 1
        key, event = parse(message.key, message.value)
        if key is None:  # what concerns everybody reaches no operator that has a key
            watch.one()
            return []
        return [(key, event)]

    def fold(state: Any, event: Any) -> tuple[Any, Any]:
        watch.one()
        return step(state, event)

    def sent(pair: tuple[str, bytes]) -> Any:
        return KafkaSinkMessage(pair[0].encode(), pair[1])

    source = Timed([task.brokers], [task.topic], tail=False, batch_size=4000)
    source.watch = watch
    flow = Dataflow("bench")
    events = op.flat_map("keyed", op.input("in", flow, source), keyed)
    alerts = op.stateful_flat_map("fold", events, fold)
    op.output("out", op.map("sent", alerts, sent), KafkaSink([task.brokers], task.out))
    run_main(flow)
    return Claim(records=watch.records, seconds=watch.seconds, positions=positions)


if __name__ == "__main__":
    side(drain)
