"""An append-only file of lines, each on the disk before anybody is answered.

Group commit: while one fsync runs, all lines that arrive wait for the next one together. A line
cut in half by a kill is taken away at the next start; it was never acknowledged.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


class Broken(Exception):
    """The file cannot be trusted or written; the message names it."""


class Log:
    """Lines in a file. ``synced`` is how many bytes are surely on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise Broken(
                f"{path} is in use by another gateway; stop it or choose a folder"
            ) from None
        self.torn = self._cut_torn_line()
        self.end = self.synced = os.fstat(self._fd).st_size
        _sync_folder(path.parent)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=path.stem)
        self._pending: list[bytes] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._flushing: asyncio.Task[None] | None = None
        self.failure: OSError | None = None

    def lines(self) -> Iterator[bytes]:
        """Yield the lines that were there when the file was opened."""
        with self.path.open("rb") as file:
            while file.tell() < self.synced:
                yield file.readline()

    def append(self, line: bytes) -> int:
        """Add a line with its newline and return where it begins; ``sync`` makes it last."""
        at, self.end = self.end, self.end + len(line)
        self._pending.append(line)
        return at

    async def sync(self) -> None:
        """Return once everything appended so far is on the disk; raise `Broken` if it cannot be."""
        if self.synced == self.end:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        await waiter

    def read(self, at: int, until: int) -> bytes:
        """Return bytes that are already on the disk."""
        return os.pread(self._fd, until - at, at)

    def close(self) -> None:
        """Give the file back; lines that nobody waited for are lost."""
        self._thread.shutdown()
        os.close(self._fd)

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            data, waiting = b"".join(self._pending), self._waiting
            self._pending, self._waiting = [], []
            try:
                if self.failure is not None:
                    raise self.failure
                await loop.run_in_executor(self._thread, self._write, data)
            except OSError as error:
                self.failure = error
                _fail(waiting, Broken(f"{self.path}: {error.strerror}"))
                continue
            self.synced += len(data)
            for waiter in waiting:
                if not waiter.done():
                    waiter.set_result(None)
        self._flushing = None

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]
        os.fsync(self._fd)

    def _cut_torn_line(self) -> int:
        size = os.fstat(self._fd).st_size
        keep, step = size, 1 << 16
        while keep > 0:
            start = max(0, keep - step)
            newline = os.pread(self._fd, keep - start, start).rfind(b"\n")
            if newline >= 0:
                keep = start + newline + 1
                break
            keep = start
        if keep < size:
            os.ftruncate(self._fd, keep)
            os.fsync(self._fd)
        return size - keep


def _fail(waiting: list[asyncio.Future[None]], error: Exception) -> None:
    for waiter in waiting:
        if not waiter.done():
            waiter.set_exception(error)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
