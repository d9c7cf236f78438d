"""Pathway 0.33: sum and count per account in its Rust engine, JSON read by its own connector.

State in memory; a commit each second. The changes of the table of sums go to a file by its own
writer (a Python subscriber of them halves the speed), and the check reads them; alerts go to Kafka
and say the withdrawal's id alone, because an incremental engine knows no count at the moment of one
event. Timed from its first finished commit.
"""

import csv
import os
import threading
from pathlib import Path
from time import perf_counter
from typing import Any

import pathway as pw

from bench.task import Claim, Task, say, side
from bench.workloads.withdrawals import LINE

FLUSHED = 3.0  # seconds for alerts of finished commits to reach Kafka before the process ends


class Withdrawals(pw.Schema):  # type: ignore[misc] # the package is of the peers' environment
    acc: str
    amt: int
    event: str


class Progress:
    """How many records the engine has counted, commit by commit; ends the process in time."""

    def __init__(self, task: Task, sums: Path) -> None:
        self._task, self._sums = task, sums
        self._count, self._began, self._first, self._over = 0, 0.0, 0, False
        self._alerts: list[tuple[int, str]] = []

    def counted(self, key: Any, row: dict[str, Any], time: int, is_addition: bool) -> None:
        """The table of one row has another count."""
        if is_addition:
            self._count = row["count"]

    def alerted(self, key: Any, row: dict[str, Any], time: int, is_addition: bool) -> None:
        """A withdrawal was over the line."""
        self._alerts.append((time, row["event"]))

    def committed(self, time: int) -> None:
        """A commit is finished: every change up to this time of the engine's has been told."""
        if self._over or not self._count:
            return
        if not self._began:
            self._began, self._first = perf_counter(), self._count
            return
        seconds = perf_counter() - self._began
        if seconds < self._task.seconds and self._count < self._task.total:
            return
        self._over = True
        claim = Claim(records=self._count - self._first, seconds=seconds)
        threading.Thread(target=self._end, args=(claim, time)).start()

    def _end(self, claim: Claim, time: int) -> None:
        threading.Event().wait(FLUSHED)
        claim.totals = totals(self._sums, time)
        claim.counts = {account: count for account, (count, _) in claim.totals.items()}
        claim.alerts = [id_ for moment, id_ in list(self._alerts) if moment <= time]
        say(self._task, claim)
        os._exit(0)


def totals(sums: Path, until: int) -> dict[str, tuple[int, int]]:
    """Return account → count and sum, as the table's changes had made it at a time."""
    found: dict[str, tuple[int, int]] = {}
    with sums.open(encoding="utf-8", newline="") as changes:
        for row in csv.DictReader(changes):
            if row["diff"] == "1" and row["time"] is not None and int(row["time"]) <= until:
                found[row["acc"]] = (int(row["count"]), int(row["total"]))
    return found


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
    changes = Path(task.folder) / "sums.csv"
    seen = Progress(task, changes)
    pw.io.csv.write(sums, changes)
    pw.io.subscribe(over, seen.alerted)
    counted = sums.reduce(count=pw.reducers.sum(pw.this.count))
    pw.io.subscribe(counted, seen.counted, on_time_end=seen.committed)
    pw.io.kafka.write(over, {"bootstrap.servers": task.brokers}, task.out, format="json")
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)
    raise RuntimeError("the engine ended before the time was up")


if __name__ == "__main__":
    side(drain)
