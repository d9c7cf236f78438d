"""What a person sees while something takes long: a live line on a terminal, plain lines elsewhere.

All of it goes to stderr; stdout belongs to what was asked for.
"""

import contextlib
import time
from collections.abc import Iterator
from types import TracebackType

from rich.console import Console

CONSOLE = Console(stderr=True, highlight=False)
PLAIN_EVERY_S = 5.0


class Download:
    """Files and bytes received so far."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._files = 0
        self._bytes = 0
        self._status = CONSOLE.status(self._line(""))
        self._said = time.monotonic()

    def __enter__(self) -> "Download":
        if CONSOLE.is_terminal:
            self._status.start()
        else:
            CONSOLE.print(f"  首次下载 {self._what} · first download of {self._what} …")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.stop()

    def received(self, name: str, size: int) -> None:
        """Count a file that has arrived."""
        self._files += 1
        self._bytes += size
        if CONSOLE.is_terminal:
            self._status.update(self._line(name))
        elif time.monotonic() - self._said > PLAIN_EVERY_S:
            self._said = time.monotonic()
            CONSOLE.print(f"  {self._line(name)}")

    def _line(self, name: str) -> str:
        return f"下载 {self._what} · {self._files} 个文件 {self._bytes / 1e6:.1f} MB  {name}"


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is being done, and when done, how long it took."""
    began = time.monotonic()
    with CONSOLE.status(f"{name} …") if CONSOLE.is_terminal else contextlib.nullcontext():
        yield
    done(f"{name} [dim]{time.monotonic() - began:.1f} s[/dim]")


def done(what: str) -> None:
    """Say that something is done."""
    CONSOLE.print(f"  ✓ {what}")
