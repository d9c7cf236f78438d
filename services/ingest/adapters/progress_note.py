"""进度条子 — how far the file is that is being taken, left in the drop folder for whoever looks.

A dotfile, which no sweep takes for a file. A crash leaves it there, so it says when it was written.
"""

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from services.ingest.domain.progress import Progress, Stage

NAME = ".progress.json"
PAUSE = 0.3  # seconds between two notes of one stage


class ProgressNote:
    """See ``domain.progress.Watch``."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path, self._monotonic = folder / NAME, monotonic
        self._last: tuple[str, Stage] | None = None
        self._next = 0.0

    def __call__(self, progress: Progress | None) -> None:
        with contextlib.suppress(OSError):  # a note that cannot be left stops no file
            self._note(progress)

    def _note(self, progress: Progress | None) -> None:
        if progress is None:
            self._last = None
            self._path.unlink(missing_ok=True)
            return
        now, stage = self._monotonic(), (progress.name, progress.stage)
        if stage == self._last and now < self._next:
            return
        self._last, self._next = stage, now + PAUSE
        draft = self._path.with_suffix(".part")
        draft.write_text(json.dumps(asdict(progress), ensure_ascii=False), encoding="utf-8")
        draft.replace(self._path)


def noted(folder: Path) -> tuple[Progress, datetime] | None:
    """Return how far the file is that is being taken, and when that was written."""
    path = folder / NAME
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Progress(told["name"], Stage(told["stage"]), told["done"], told["of"]), written
    except FileNotFoundError:
        return None
