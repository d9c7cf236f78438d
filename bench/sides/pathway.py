"""Pathway 0.33: sum and count per account in its Rust engine, JSON read by its own connector.

State in memory; a commit each second. The table of sums is subscribed to, as a consumer of it would
do, and it is what the check reads; alerts go to Kafka and say the withdrawal's id alone, because an
incremental engine knows no count at the moment of one event. Timed from its first finished commit.
"""

import os
import threading
from time import perf_counter
from typing import Any

import pathway as pw

from bench.task import Claim, Task, say, side
from bench.workloads.withdrawals import LINE

FLUSHED = 2.0  # seconds for alerts of finished commits to reach Kafka before the process ends


class Withdrawals(pw.Schema):  # type: ignore[misc] # the package is of the peers' environment
    acc: str
    amt: int
    event: str


class Sums:
    """The keyed table as its subscriber sees it, commit by commit."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._now: dict[str, tuple[int, int]] = {}
        self._began, self._first, self._over = 0.0, 0, False
        self._alerts: list[tuple[int, str]] = []

    def changed(self, key: Any, row: dict[str, Any], time: int, is_addition: bool) -> None:
        if is_addition:
            self._now[row["acc"]] = (row["count"], row["total"])

    def alerted(self, key: Any, row: dict[str, Any], time: int, is_addition: bool) -> None:
        self._alerts.append((time, row["event"]))

    def committed(self, time: int) -> None:
        if self._over or not self._now:
            return
        records = sum(count for count, _ in self._now.values())
        if not self._began:
            self._began, self._first = perf_counter(), records
            return
        seconds = perf_counter() - self._began
        if seconds < self._task.seconds and records < self._task.total:
            return
        self._over = True
        claim = Claim(
            records=records - self._first,
            seconds=seconds,
            counts={account: count for account, (count, _) in self._now.items()},
            totals=dict(self._now),
        )
        threading.Thread(target=self._end, args=(claim, time)).start()

    def _end(self, claim: Claim, time: int) -> None:
        threading.Event().wait(FLUSHED)
        claim.alerts = [id_ for moment, id_ in list(self._alerts) if moment <= time]
        say(self._task, claim)
        os._exit(0)


def drain(task: Task) -> Claim:
    """Run until the time is up; the process ends inside."""
    settings = {
        "bootstrap.servers": task.brokers,
        "group.id": task.group,
        "auto.offset.reset": "earliest",
        "session.timeout.ms": "6000",
    }
    table = pw.io.kafka.read(
        settings,
        topic=task.topic,
        format="json",
        schema=Withdrawals,
        autocommit_duration_ms=1000,
        json_field_paths={"event": "/id"},  # its own name for the key of a row is id
    )
    sums = table.groupby(pw.this.acc).reduce(
        pw.this.acc, total=pw.reducers.sum(pw.this.amt), count=pw.reducers.count()
    )
    over = table.filter(pw.this.amt > LINE).select(pw.this.event)
    seen = Sums(task)
    pw.io.subscribe(sums, seen.changed, on_time_end=seen.committed)
    pw.io.subscribe(over, seen.alerted)
    pw.io.kafka.write(over, {"bootstrap.servers": task.brokers}, task.out, format="json")
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)
    raise RuntimeError("the engine ended before the time was up")


if __name__ == "__main__":
    side(drain)
