"""Leftovers are stopped; strangers who got their number are not."""

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from deploy.embedded.roster import Entry, Roster, started


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def test_a_leftover_of_an_earlier_launcher_is_stopped(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    Roster(tmp_path / "processes.json").add("kafka", sleeper.pid, signal.SIGTERM)
    assert Roster(tmp_path / "processes.json").stop_leftovers() == ["kafka"]
    assert sleeper.wait(5) == -signal.SIGTERM


def test_one_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    deaf = subprocess.Popen(["sh", "-c", "trap '' TERM; echo deaf; exec sleep 60"], stdout=-1)
    assert deaf.stdout is not None
    assert deaf.stdout.readline() == b"deaf\n"
    deaf.stdout.close()
    roster = Roster(tmp_path / "processes.json")
    roster.add("mot", deaf.pid, signal.SIGTERM)
    assert roster.stop_leftovers(grace=0.2) == ["mot"]
    assert deaf.wait(5) == -signal.SIGKILL


def test_a_stranger_with_a_number_used_again_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    file = tmp_path / "processes.json"
    entry = Entry("kafka", sleeper.pid, "another-boot:123", signal.SIGKILL)
    file.write_text(json.dumps([asdict(entry)]))
    assert Roster(file).stop_leftovers() == []
    assert sleeper.poll() is None


def test_who_has_ended_is_forgotten(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    file = tmp_path / "processes.json"
    roster = Roster(file)
    roster.add("kafka", sleeper.pid, signal.SIGTERM)
    roster.remove(sleeper.pid)
    assert Roster(file).stop_leftovers() == []
    assert sleeper.poll() is None


def test_a_broken_file_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text('[{"name": "kaf')
    assert Roster(tmp_path / "processes.json").stop_leftovers() == []


def test_a_process_that_is_gone_has_no_start() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert started(gone.pid) is None
