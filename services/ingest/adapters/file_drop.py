"""投递目录 — the folder where the broker leaves files; taken ones go to ``done``.

Writers may write in place (a file counts once its size and time have rested) or rename into place.
Dotfiles, ``*.part`` and ``*.tmp`` are somebody's unfinished work and left alone.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from services.ingest.adapters.progress_note import ProgressNote
from services.ingest.domain.naming import masked
from services.ingest.domain.rows import Unreadable
from shared.observability.logging import logger

KEPT = ("done", "refused")
UNFINISHED = (".part", ".tmp")
LARGEST_FILE = 512 * 1024 * 1024  # bytes

Stamp = tuple[int, int, int]  # inode, size, modification time in ns


class FileDrop:
    """See ``agent.dropping.Folder``."""

    def __init__(
        self, folder: Path, rest_seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder, self._rest, self._monotonic = folder, rest_seconds, monotonic
        self._seen: dict[str, tuple[Stamp, float]] = {}
        self._read: dict[str, Stamp] = {}
        self._passed: set[str] = set()
        self.note = ProgressNote(folder, monotonic)
        for kept in KEPT:
            (folder / kept).mkdir(parents=True, exist_ok=True)

    def waiting(self) -> int:
        """Count the files in the folder, at rest or not."""
        return len(waiting_in(self._folder))

    def at_rest(self) -> list[str]:
        """Return the names of the files that nobody has written to for a while."""
        self._pass_by()
        now, seen = self._monotonic(), {}
        for name, stamp in _entries(self._folder):
            former = self._seen.get(name)
            seen[name] = former if former and former[0] == stamp else (stamp, now)
        self._seen = seen
        return [name for name, (_, since) in seen.items() if now - since >= self._rest]

    def _pass_by(self) -> None:
        """Say once of each folder inside that nobody looks into it."""
        with os.scandir(self._folder) as entries:
            inside = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
        for name in sorted(inside - self._passed - set(KEPT)):
            if not name.startswith("."):
                logger().warning("folder is not looked into", name=masked(name))
        self._passed = inside

    def read(self, name: str) -> bytes:
        """Return a file's bytes; raises ``FileNotFoundError``, or ``Unreadable`` when too large."""
        path = self._folder / name
        self._read[name] = _stamp(path.stat())
        if self._read[name][1] > LARGEST_FILE:
            raise Unreadable(f"more than {LARGEST_FILE} bytes")
        return path.read_bytes()

    def put_away(self, name: str, sha256: str) -> None:
        """Move a file that is in to ``done``, unless something newer has its name already."""
        path = self._folder / name
        if self._unchanged(path, sha256):
            self._move(path, self._folder / "done" / f"{name}.{sha256[:8]}")

    def put_aside(self, name: str, sha256: str, reason: str) -> None:
        """Move a file that was refused to ``refused``, with the reason beside it."""
        path, kept = self._folder / name, self._folder / "refused" / f"{name}.{sha256[:8]}"
        if self._unchanged(path, sha256):
            kept.with_name(f"{kept.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")
            self._move(path, kept)

    def _unchanged(self, path: Path, sha256: str) -> bool:
        """Say whether the folder holds what was read: by stamp, after a restart by content."""
        try:
            known = self._read.pop(path.name, None)
            if known is not None:
                return known == _stamp(path.stat())
            return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        except FileNotFoundError:
            return False

    def _move(self, path: Path, target: Path) -> None:
        path.replace(target)
        self._seen.pop(path.name, None)


def waiting_in(folder: Path) -> list[str]:
    """Return the names of the files that were left in a folder, at rest or not."""
    return [name for name, _ in _entries(folder)]


def _entries(folder: Path) -> Iterator[tuple[str, Stamp]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.endswith(UNFINISHED):
                continue
            try:
                if entry.is_file(follow_symlinks=False):
                    yield entry.name, _stamp(entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                continue


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns
