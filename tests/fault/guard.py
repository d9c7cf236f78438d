"""``python -m tests.fault.guard FOLDER``: outlives a run that is killed, and ends what it left.

A killed run cannot stop its programs. The guard holds one end of a pipe to it: when that closes,
however the run ended, the rosters below ``FOLDER`` say who is still there.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.refusal import Refusal
from deploy.embedded.state import StateFolder
from deploy.embedded.waiting import until

PATIENCE_S = 60.0  # what a run that was told to end may take to end


@contextmanager
def guarded(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Have the programs of the runs in a folder ended even when this process is killed."""
    guard = subprocess.Popen(
        [sys.executable, "-m", "tests.fault.guard", str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,  # what ends us, a Ctrl-C or our group's end, is not for it
    )
    with guard:
        yield guard


def end_leftovers(folder: Path) -> None:
    """End what earlier runs have left running."""
    for roster in sorted(folder.glob("seed-*/state/processes.json")):
        state = StateFolder(roster.parent)
        state.open()  # ends them; refused while a run holds it
        state.close()


def _ended(folder: Path) -> bool:
    """End what is left; False while the run that is ending holds its folder still."""
    try:
        end_leftovers(folder)
    except Refusal:
        return False
    return True


if __name__ == "__main__":
    sys.stdin.read()
    if not until(lambda: _ended(Path(sys.argv[1])), PATIENCE_S):
        sys.exit(f"{sys.argv[1]}: a run that ends holds it still")
