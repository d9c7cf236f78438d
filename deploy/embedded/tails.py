"""What the programs write to their logs, from now on."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from deploy.embedded.program import Program

WORTH_SHOWING = ("warning", "error", "critical")
QUIET_S = 30.0
WIDTH = 240


class Tail:
    """The whole lines that were added to a file since the last look."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = file.stat().st_size if file.exists() else 0

    def lines(self) -> Iterator[str]:
        """Yield each complete line once."""
        if not self._file.exists():
            return
        with self._file.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield line.decode(errors="replace").rstrip()


class Tails:
    """The logs of some programs, as a person sees them.

    Warnings and errors, and the same one not again for a while: a client that has lost its server
    says so a hundred times a second. All of it when ``verbose``; all of it is in the files anyway.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        verbose: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tails = [(program.name, Tail(program.recipe.log)) for program in programs]
        self._verbose = verbose
        self._clock = clock
        self._shown: dict[str, float] = {}

    def show(self, say: Callable[[str], None]) -> None:
        """Say what is new, each line with the name of its program."""
        now = self._clock()
        self._shown = {line: at for line, at in self._shown.items() if at > now - QUIET_S}
        for name, tail in self._tails:
            for line in tail.lines():
                chosen = line if self._verbose else important(line)
                shown = f"{name:>8} │ {chosen}"
                if chosen and (self._verbose or shown not in self._shown):
                    self._shown[shown] = now
                    say(shown)


def important(line: str) -> str | None:
    """Return a person's form of a JSON log line that is a warning or worse, else None.

    >>> important('{"event": "gateway slow", "level": "warning", "code": 45009, "timestamp": "…"}')
    'warning: gateway slow code=45009'
    >>> important('{"event": "started", "level": "info"}')
    """
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or entry.get("level") not in WORTH_SHOWING:
        return None
    hidden = {"event", "level", "timestamp", "service", "exception"}
    facts = " ".join(f"{name}={value}" for name, value in entry.items() if name not in hidden)
    return " ".join(f"{entry['level']}: {entry.get('event', '')} {facts}".split())[:WIDTH]
