"""Ctrl-C, SIGTERM and SIGHUP end the launcher in good order.

The first one raises KeyboardInterrupt where the launcher stands, except between the birth of a
process and its entry in the roster, and while processes are being stopped: there it waits, so that
no process is ever without an owner. Later ones change nothing: we are stopping anyway.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    """Signals come to the process as a whole, so there is one."""

    deferring = 0  # blocks, one inside the other or in several threads
    ignoring = False
    pending = False
    changing = threading.Lock()


def interrupt(_number: int = 0, _frame: FrameType | None = None) -> None:
    """Do what a signal does."""
    if _State.ignoring:
        return
    ignore()
    if _State.deferring:
        _State.pending = True
        return
    raise KeyboardInterrupt


@contextlib.contextmanager
def handled() -> Iterator[None]:
    """Take the signals over; put back what was there at the end."""
    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _State.ignoring = _State.pending = False


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Hold a signal back until the block has ended, and those around it."""
    with _State.changing:
        _State.deferring += 1
    try:
        yield
    finally:
        with _State.changing:
            _State.deferring -= 1
        if _State.pending and not _State.deferring:
            _State.pending = False
            raise KeyboardInterrupt


def ignore() -> None:
    """From here on we are stopping anyway; an impatient second Ctrl-C must not break that off."""
    _State.ignoring = True
