"""What the programs write to their logs, from now on."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from deploy.embedded.program import Program

WORTH_SHOWING = ("warning", "error", "critical")


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
    """The logs of some programs; a person sees warnings and errors, or all when ``verbose``."""

    def __init__(self, programs: Sequence[Program], verbose: bool) -> None:
        self._tails = [(program.name, Tail(program.recipe.log)) for program in programs]
        self._choose: Callable[[str], str | None] = str if verbose else important

    def show(self, say: Callable[[str], None]) -> None:
        """Say what is new, each line with the name of its program."""
        for name, tail in self._tails:
            for line in tail.lines():
                chosen = self._choose(line)
                if chosen:
                    say(f"{name:>8} │ {chosen}")


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
    return f"{entry['level']}: {entry.get('event', '')} {facts}".rstrip()
