"""Turns: every side once a round, the order rotated, each judged before its figure counts."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec

from bench.catalogue import ROOT, Side
from bench.task import Claim, Task
from bench.verdict import Refused

PATIENCE_S = 90.0
"""Start, assignment, and what is still in hand when the time is up."""

Run = Callable[[Side, int], float]
"""Do a side's turn and return events/s, or raise ``Refused``."""


class Turn(NamedTuple):
    """One side's result in one round: events/s, or why there is none."""

    side: str
    round: int
    rate: float | None
    why: str | None = None


@dataclass(frozen=True)
class Figure:
    """A side's turns as one figure; None when any turn was refused, with the reason."""

    median: float | None
    lowest: float | None
    highest: float | None
    why: str | None = None

    @property
    def spread(self) -> float | None:
        """Return (highest - lowest) ÷ median."""
        if self.median is None or self.lowest is None or self.highest is None:
            return None
        return (self.highest - self.lowest) / self.median


def order(sides: Sequence[Side], turns: int) -> Iterator[tuple[Side, int]]:
    """Yield who is next: each round begins with another side, so none always has the warm disk."""
    for number in range(turns):
        first = number % len(sides) if sides else 0
        for side in (*sides[first:], *sides[:first]):
            yield side, number


def interleave(
    sides: Sequence[Side], turns: int, run: Run, told: Callable[[Turn], None]
) -> list[Turn]:
    """Run every turn; a side refused once is not asked again, its figure is gone."""
    done: list[Turn] = []
    out: set[str] = set()
    for side, number in order(sides, turns):
        if side.name in out:
            continue
        try:
            turn = Turn(side.name, number, run(side, number))
        except Refused as error:
            turn = Turn(side.name, number, None, str(error))
            out.add(side.name)
        done.append(turn)
        told(turn)
    return done


def figure(turns: Sequence[Turn], side: str) -> Figure:
    """Return a side's median and spread."""
    mine = [turn for turn in turns if turn.side == side]
    why = next((turn.why for turn in mine if turn.why), None if mine else "not run")
    rates = [turn.rate for turn in mine if turn.rate is not None]
    if why or not rates:
        return Figure(None, None, None, why)
    return Figure(median(rates), min(rates), max(rates))


def claimed(side: Side, task: Task) -> Claim:
    """Run a side's program on a task and return its claim, or raise ``Refused``."""
    folder = Path(task.folder)
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "task.json"
    told.write_bytes(msgspec.json.encode(task))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            side.argv(str(told)),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **side.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(task.seconds + PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise Refused(f"no end after {task.seconds + PATIENCE_S:.0f} s") from None
        finally:
            _end_all_of(process)
    if not task.claim.exists():
        raise Refused(f"exit code {process.returncode}: {_last_words(folder / 'log')}")
    return msgspec.json.decode(task.claim.read_bytes(), type=Claim)


def _end_all_of(process: "subprocess.Popen[bytes]") -> None:
    """Kill a side and whatever it has started and left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "nothing said"
