"""An open loop: each record is sent at its own moment, however late the world is.

A program of its own, so that whoever measures is not slowed by it. Record ``n`` is due ``n / rate``
seconds after ``began``, which it writes down first; latency counts from then, so a late publisher or
a busy broker is part of it (no coordinated omission).
"""  # noqa: E501

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import time

import msgspec

from bench.catalogue import ROOT
from bench.workloads.brokers import Stream
from bench.workloads.work import Entry
from shared.contracts.topics import ACCOUNT
from shared.settings import KafkaSettings
from shared.streams.publish import partition_of, producer

HEAD_START_S, PACE_S = 1.0, 0.001


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` records at ``rate`` a second. ``each``: see ``Stream.quiet``; 0: the whole mix."""

    brokers: str
    rate: float
    count: int
    folder: str
    each: int = 0

    def entries(self) -> Iterator[Entry]:
        """Return the records in order."""
        stream = Stream()
        made = stream.quiet(self.each) if self.each else stream.entries()
        return islice(made, self.count)

    @property
    def said(self) -> Path:
        """Where the program says when it began and how late it was at worst."""
        return Path(self.folder) / "load.json"


class Said(msgspec.Struct):
    """``began`` in unix seconds; ``late``: the longest a record waited for its turn, in seconds."""

    began: float
    late: float


async def publish(load: Load) -> None:
    """Send everything, each in its time."""
    entries = [_placed(entry) for entry in load.entries()]
    sender = producer(KafkaSettings(brokers=load.brokers))
    await sender.start()
    began, sent, late = time() + HEAD_START_S, 0, 0.0
    while sent < len(entries):
        passed = time() - began
        due = min(len(entries), int(passed * load.rate) + 1) if passed >= 0 else 0
        if due > sent:
            late = max(late, passed - sent / load.rate)
        for key, value, partition in entries[sent:due]:
            await sender.send(ACCOUNT.name, value, key, partition)
        sent = max(sent, due)
        await asyncio.sleep(PACE_S)
    await sender.flush()
    await sender.stop()
    load.said.write_bytes(msgspec.json.encode(Said(began, late)))


def _placed(entry: Entry) -> Entry:
    if entry.partition is not None:
        return entry
    return entry._replace(partition=partition_of(entry.key or b"", ACCOUNT.partitions))


def start(load: Load) -> "subprocess.Popen[bytes]":
    """Start the program."""
    Path(load.folder).mkdir(parents=True, exist_ok=True)
    load.said.unlink(missing_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "bench.load", msgspec.json.encode(load).decode()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
    )


def said(load: Load) -> Said:
    """Return what the ended program said."""
    return msgspec.json.decode(load.said.read_bytes(), type=Said)


if __name__ == "__main__":
    asyncio.run(publish(msgspec.convert(json.loads(sys.argv[1]), Load)))
