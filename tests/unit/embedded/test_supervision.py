"""What dies is started again, until that is plainly no use."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.embedded.program import Program, Recipe
from deploy.embedded.refusal import Refusal
from deploy.embedded.roster import Roster
from deploy.embedded.supervision import DEATHS, Supervision
from deploy.embedded.waiting import until

SLEEP = "import signal; signal.pause()"


def program(
    folder: Path, code: str, ready: Callable[[], bool] = lambda: True, finite: bool = False
) -> Program:
    argv, log = (sys.executable, "-c", code), folder / "mot.log"
    recipe = Recipe("mot", argv, log, ready, patience=5, finite=finite)
    return Program(recipe, Roster(folder / "processes.json"))


def test_a_killed_program_runs_again(tmp_path: Path) -> None:
    mot = program(tmp_path, SLEEP)
    said: list[str] = []
    supervision = Supervision([mot], said.append)
    mot.start()
    supervision.look()
    first = mot.pid
    os.kill(mot.pid, signal.SIGKILL)
    assert until(lambda: not mot.running, 5)
    supervision.look()
    assert mot.running
    assert mot.pid != first
    assert len(said) == 1
    noted = json.loads((tmp_path / "processes.json").read_text())
    assert [entry["pid"] for entry in noted] == [mot.pid]
    mot.kill()


def test_a_program_that_was_not_started_yet_is_left_alone(tmp_path: Path) -> None:
    mot = program(tmp_path, SLEEP)
    Supervision([mot], print).look()
    assert not mot.running


@pytest.mark.parametrize(("code", "finite", "again"), [(0, True, 0), (1, True, 1), (0, False, 1)])
def test_only_who_may_end_and_ends_well_is_left_alone(
    tmp_path: Path, code: int, finite: bool, again: int
) -> None:
    played = program(tmp_path, f"raise SystemExit({code})", finite=finite)
    said: list[str] = []
    played.start()
    assert until(lambda: not played.running, 10)
    Supervision([played], said.append).look()
    assert len(said) == again
    played.kill()


def test_a_program_that_keeps_dying_ends_it_all_and_its_log_is_named(tmp_path: Path) -> None:
    seconds = [0.0]
    said: list[str] = []
    mot = program(tmp_path, "raise SystemExit(70)")
    supervision = Supervision([mot], said.append, clock=lambda: seconds[0])
    mot.start()

    def ends() -> None:
        while True:
            assert until(lambda: not mot.running, 10)
            supervision.look()
            seconds[0] += 8

    with pytest.raises(Refusal, match=r"70.*mot\.log"):
        ends()
    assert len(said) == DEATHS - 1


def test_one_that_ends_at_start_is_refused_with_its_last_words(tmp_path: Path) -> None:
    mot = program(tmp_path, "print('no such topic'); raise SystemExit(3)", ready=lambda: False)
    mot.start()
    with pytest.raises(Refusal, match=r"3.*no such topic"):
        mot.wait_ready()


def test_one_that_outlives_its_grace_is_killed(tmp_path: Path) -> None:
    code = "import signal, sys; signal.signal(15, signal.SIG_IGN); print(1, flush=True);" + SLEEP
    log = tmp_path / "mot.log"
    mot = program(tmp_path, code, ready=lambda: log.read_text().startswith("1"))
    mot.start()
    mot.wait_ready()
    mot.ask_to_stop()
    mot.wait_stopped(0.1)
    assert mot.exit_code == -9
