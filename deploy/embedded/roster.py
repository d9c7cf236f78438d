"""The programs that we started, on disk: after a kill -9 of the launcher the next one stops them.

A process is named by its id, its start time and the boot, so that a number used again by a
stranger is left alone.
"""

import contextlib
import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.embedded.waiting import until

GRACE_S = 10.0


@dataclass(frozen=True)
class Entry:
    """One running program; ``stop_signal`` asks it to end in good order."""

    name: str
    pid: int
    started: str
    stop_signal: int

    @property
    def alive(self) -> bool:
        return started(self.pid) == self.started

    def end(self, grace: float) -> None:
        """Ask it to stop and kill it when it has not in so many seconds."""
        for number in (self.stop_signal, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            if until(lambda: not self.alive, grace):
                return


class Roster:
    """The file ``processes.json`` of a state folder; each change is on disk before it counts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._entries = self._read()

    def _read(self) -> list[Entry]:
        try:
            return [Entry(**entry) for entry in json.loads(self._file.read_text())]
        except (FileNotFoundError, ValueError, TypeError):
            return []

    def _write(self) -> None:
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps([asdict(entry) for entry in self._entries], indent=1))
        draft.replace(self._file)

    def add(self, name: str, pid: int, stop_signal: int) -> None:
        """Note a program that was just started."""
        self._entries.append(Entry(name, pid, started(pid) or "", stop_signal))
        self._write()

    def remove(self, pid: int) -> None:
        """Forget a program that ended."""
        self._entries = [entry for entry in self._entries if entry.pid != pid]
        self._write()

    def alive(self) -> set[str]:
        """Return the names of the programs that run now."""
        return {entry.name for entry in self._entries if entry.alive}

    def stop_leftovers(self, grace: float = GRACE_S) -> list[str]:
        """End what an earlier launcher left behind, youngest first, and return the names."""
        left = [entry for entry in reversed(self._entries) if entry.alive]
        for entry in left:
            entry.end(grace)
        self._entries = []
        self._write()
        return [entry.name for entry in left]


def started(pid: int) -> str | None:
    """Return the boot and the tick at which a process began; None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else f"{boot}:{fields[19]}"
