"""Waiting for the thing itself, with a limit."""

import threading
import time
from collections.abc import Callable

STEP_S = 0.05


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return True as soon as the condition holds, False when it has not in so many seconds."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(STEP_S)
    return True
