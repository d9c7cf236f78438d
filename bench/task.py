"""What a side is told and what it says afterwards: JSON files, so its language is free."""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import msgspec

CLOCK_EACH = 256  # records between two looks at the clock


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Drain ``topic`` from its beginning for ``seconds``, or until ``total`` records are done.

    Alerts go to ``out``. ``group`` names this turn; ``folder`` is the turn's own.
    """

    work: str
    brokers: str
    valkey: str
    topic: str
    out: str
    partitions: int
    total: int
    seconds: float
    group: str
    folder: str

    @property
    def claim(self) -> Path:
        """Where the claim is written."""
        return Path(self.folder) / "claim.json"


class Claim(msgspec.Struct, kw_only=True):
    """What a side says it did: ``records`` in ``seconds``; then how far it had come when it ended.

    ``positions`` (partition → next offset) or, of an engine that hides them, ``counts`` (key →
    records). ``totals`` (W1: account → count and sum) is its state at the end, read from where the
    side keeps it. ``alerts``: those of a side that sends none. Empty means: not told.
    """

    records: int
    seconds: float
    positions: dict[int, int] = {}
    counts: dict[str, int] = {}
    totals: dict[str, tuple[int, int]] = {}
    alerts: list[str] = []


class Stopwatch:
    """Counts records from the first one on until the time is up."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._began = 0.0
        self.records, self.seconds, self.over = 0, 0.0, False

    def start(self) -> None:
        """The first record is at hand."""
        self._began = self._began or perf_counter()

    def add(self, count: int) -> None:
        """So many are done; what is done when the time is up still counts."""
        if self.over:
            return
        self.records += count
        self.seconds = perf_counter() - self._began
        self.over = self.seconds >= self._task.seconds or self.records >= self._task.total

    def one(self) -> None:
        """One more is about to be done: for sides that are called record by record."""
        if self.over:
            return
        self.start()
        self.records += 1
        if self.records % CLOCK_EACH == 0 or self.records >= self._task.total:
            self.add(0)


def side(drain: Callable[[Task], Claim]) -> None:
    """Run a side's program: its task is the file named by its argument."""
    task = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Task)
    say(task, drain(task))


def say(task: Task, claim: Claim) -> None:
    """Write the claim, whole or not at all."""
    draft = task.claim.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(claim))
    draft.replace(task.claim)
