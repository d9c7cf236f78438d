"""The sandbox's clock: the wall's, or the one that a demo posts."""

import os
from datetime import datetime
from pathlib import Path

from shared.clock import Clock, WallClock


class PostedClock:
    """Says what it was last told; until then, what the wall says. Outlives a restart.

    It is set, not advanced: posting an earlier day runs that day again.
    """

    def __init__(self, path: Path, wall: Clock | None = None) -> None:
        self._path = path
        self._wall = wall or WallClock()
        self._posted: datetime | None = None
        if path.exists():
            self._posted = datetime.fromisoformat(path.read_text())

    def now(self) -> datetime:
        return self._posted or self._wall.now()

    def post(self, now: datetime) -> None:
        """Set the clock and keep it in the folder; the file is replaced whole."""
        draft = self._path.with_suffix(".new")
        draft.write_text(now.isoformat())
        os.replace(draft, self._path)
        self._posted = now
