"""A fault run that is broken off leaves nothing running, at any moment and by any signal."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kit.eventually import eventually

ROOT = Path(__file__).parents[2]
ROW = "K5"
MARK = "GUANCHAO_BROKEN_OFF"
BETWEEN_S = 0.4  # two signals: the second one comes while the programs are being stopped
TERM, INT, HUP, KILL = signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL
MOMENTS = {
    "while the stores start": ("kafka", 0.0, TERM, False),
    "when the gateway is born": ("sandbox", 0.0, TERM, False),
    "when the workers are born, by a closed terminal": ("mot", 0.0, HUP, False),
    "at work, by somebody impatient": ("mot", 6.0, INT, True),
    "at work, by a supervisor that asks again": ("mot", 6.0, TERM, True),
    "at work, by a kill that it cannot see": ("mot", 6.0, KILL, False),
}
"""Moment → the program that was born last, seconds since, the signal, whether it comes again."""
pytestmark = [pytest.mark.full, pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_nothing_goes_on_running(moment: str, tmp_path: Path) -> None:
    born, later, number, again = MOMENTS[moment]
    with _started(tmp_path) as run:
        await eventually(lambda: _is_noted(tmp_path, born), within=120, every=0.02)
        await asyncio.sleep(later)
        assert len(_running(tmp_path)) > 1
        run.send_signal(number)
        while again and run.poll() is None:
            await asyncio.sleep(BETWEEN_S)
            run.send_signal(number)
        assert await asyncio.to_thread(run.wait, 120) != 0
        await eventually(lambda: _none_is_left(tmp_path), within=90)


@contextmanager
def _started(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a row whose every descendant bears a mark; what is left at the end is killed."""
    known = {**os.environ, "PYTHONPATH": str(ROOT), MARK: str(folder)}
    command = [sys.executable, "-m", "tests.fault", ROW]
    with (folder / "said").open("wb") as said:
        run = subprocess.Popen(command, cwd=folder, env=known, stdout=said, stderr=said)
    try:
        yield run
    finally:
        run.kill()
        run.wait()
        for pid in _running(folder):
            os.kill(pid, KILL)


async def _is_noted(folder: Path, name: str) -> bool:
    return name in _noted(folder)


async def _none_is_left(folder: Path) -> bool:
    return not _running(folder)


def _noted(folder: Path) -> set[str]:
    """Return the names of the programs that the row has started."""
    rosters = folder.glob(f".guanchao/fault/{ROW}/*/state/processes.json")
    return {entry["name"] for roster in rosters for entry in json.loads(roster.read_text())}


def _running(folder: Path) -> dict[int, str]:
    """Return the processes, by id, that this folder's run has started, and theirs."""
    found: dict[int, str] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:  # gone, or somebody else's
            continue
        if f"{MARK}={folder}".encode() in known.split(b"\0") or f"{folder}/".encode() in command:
            found[int(process.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found
