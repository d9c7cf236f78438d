"""Root never runs PostgreSQL as root."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.embedded.postgres import binaries
from deploy.embedded.refusal import Refusal
from deploy.embedded.unprivileged import prefix

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
PROGRAM = binaries() / "postgres"


def without_namespaces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the kernel forbids them: ``unshare`` fails."""
    unshare = folder / "unshare"
    unshare.write_text("#!/bin/sh\nexit 1\n")
    unshare.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_whoever_runs_it_the_database_is_not_run_by_root(tmp_path: Path) -> None:
    command = prefix(tmp_path, tmp_path / "postgres", PROGRAM)
    user = subprocess.run([*command, "id", "-u"], capture_output=True, check=True).stdout
    assert int(user) != 0


@as_root
def test_without_namespaces_a_folder_out_of_reach_is_refused_and_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_namespaces(tmp_path, monkeypatch)
    state = tmp_path / "hidden" / "state"
    state.mkdir(parents=True)
    (tmp_path / "hidden").chmod(0o700)
    with pytest.raises(Refusal, match="nobody"):
        prefix(state, state / "postgres", PROGRAM)
    assert (state / "postgres").stat().st_uid == 0
