"""Ctrl-C, SIGTERM and SIGHUP end the launcher in good order.

They raise KeyboardInterrupt where the launcher stands, except between the birth of a process and
its entry in the roster: there they wait, so that no process is ever without an owner.
"""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    """Signals come to the process as a whole, so there is one."""

    deferring = False
    ignoring = False
    pending = False


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    if _State.ignoring:
        return
    if _State.deferring:
        _State.pending = True
        return
    raise KeyboardInterrupt


@contextlib.contextmanager
def handled() -> Iterator[None]:
    """Take the signals over; put back what was there at the end."""
    before = {number: signal.signal(number, _interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _State.deferring = _State.ignoring = _State.pending = False


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Hold a signal back until the block has ended."""
    _State.deferring = True
    try:
        yield
    finally:
        _State.deferring = False
        if _State.pending:
            _State.pending = False
            raise KeyboardInterrupt


def ignore() -> None:
    """From here on we are stopping anyway; an impatient second Ctrl-C must not break that off."""
    _State.ignoring = True
