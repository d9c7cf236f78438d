"""What outlives a fault run ends what the run left, also when the run takes its time to end."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.state import StateFolder
from tests.fault.guard import guarded


def test_it_waits_for_a_run_that_is_ending(tmp_path: Path) -> None:
    run = StateFolder(tmp_path / "seed-7" / "state")
    run.open()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as left:
        run.roster.add("left", left.pid, 15)
        with guarded(tmp_path) as guard:
            assert guard.stdin is not None
            guard.stdin.close()
            with pytest.raises(subprocess.TimeoutExpired):
                guard.wait(2)
            assert left.poll() is None
            run.close()
            assert guard.wait(30) == 0
        assert left.poll() is not None
