"""观潮: the product's own worker, ``python -m services.mot``, nothing added.

Watched from outside by its watermarks in Valkey, which move only when a batch is durable, so the
figure is of durable records. ``WORKERS`` of them, each with its own port.
"""

import os
import subprocess
import sys
from pathlib import Path
from threading import Event
from time import perf_counter

import redis

from bench.task import Claim, Task, side
from deploy.embedded.ports import Ports

LOOK_S = 0.02
GRACE_S = 25.0


class Workers:
    """The processes, and what of their work is durable."""

    def __init__(self, task: Task, count: int) -> None:
        self._task, self._valkey = task, redis.from_url(task.valkey)
        self._pause = Event()  # never set: nothing tells of another process's progress
        self._log = (Path(task.folder) / "mot.log").open("wb")
        self._running = [self._start(number) for number in range(count)]

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        told = {
            "MOT_KAFKA__BROKERS": self._task.brokers,
            "MOT_VALKEY__URL": self._task.valkey,
            "MOT_HTTP__PORT": str(Ports.free().mot),
            "MOT_DATA_FOLDER": f"{self._task.folder}/mot-{number}",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "services.mot"],
            env={**os.environ, **told},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def positions(self) -> dict[int, int]:
        """Return each partition's next offset."""
        pipe = self._valkey.pipeline()
        for number in range(self._task.partitions):
            pipe.hget(f"mot:{{{number}}}:meta", "offset")
        return {n: -1 + 1 if o is None else int(o) + 1 for n, o in enumerate(pipe.execute())}

    def look(self) -> int:
        """Return how many records are durable; raise when a worker has died."""
        for process in self._running:
            if process.poll() is not None:
                raise RuntimeError(f"mot ended with exit code {process.returncode}")
        self._pause.wait(LOOK_S)
        return sum(self.positions().values())

    def stop(self) -> None:
        """Let them finish their batches and end."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(GRACE_S)
        self._log.close()


def drain_with(count: int, task: Task) -> Claim:
    workers = Workers(task, count)
    try:
        while not (first := workers.look()):
            pass
        began, seconds, seen = perf_counter(), 0.0, first
        while seconds < task.seconds and seen < task.total:
            seen, seconds = workers.look(), perf_counter() - began
    finally:
        workers.stop()
    return Claim(records=seen - first, seconds=seconds, positions=workers.positions())


def drain(task: Task) -> Claim:
    return drain_with(int(os.environ.get("WORKERS", "1")), task)


if __name__ == "__main__":
    side(drain)
